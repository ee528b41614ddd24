// SPDX-License-Identifier: Apache-2.0

/// A clause that waits for a choice.
struct Work {
    /// `DependencySolver.weakClause` for a relation that asks for nothing.
    var clause: Int32
    /// The number of choices in force when it was added.
    var depth: Int32
    /// How many of its solutions were open then.
    var size: Int32
    /// Its rank: what `WorkHeap` compares, packed once, since none of it changes.
    var isOptional: Bool
    var group: UInt8
    var solutions: Int32

    /// Whether another item is more urgent: facts first, then what must be, then new packages before replaced ones,
    /// then what leaves one choice, and among these the one with the most alternatives that are already excluded.
    func isLessUrgent(than other: Work) -> Bool {
        let isFact = !isOptional && size < 2
        let otherIsFact = !other.isOptional && other.size < 2
        if isFact != otherIsFact { return otherIsFact }
        if isOptional != other.isOptional { return isOptional }
        if group != other.group { return group > other.group }
        if (size < 2) != (other.size < 2) { return other.size < 2 }
        if size == 1, other.size == 1 { return solutions < other.solutions }
        return false
    }
}

/// A binary heap of work. Which of two equally urgent items comes first is decided by the heap's own motions, and apt's
/// answers depend on it, so the motions are those of C++'s standard heap as Debian's apt is built with: a removed root
/// is replaced from below by the more urgent child all the way down, and the last item then rises from there.
struct WorkHeap {
    private(set) var items: [Work] = []

    var isEmpty: Bool { items.isEmpty }

    mutating func push(_ item: Work) {
        items.append(item)
        rise(item, from: items.count - 1, to: 0)
    }

    mutating func pop() -> Work? {
        guard let last = items.popLast() else { return nil }
        guard let first = items.first else { return last }
        sink(last, from: 0)
        return first
    }

    /// Removes what does not fit and builds the heap anew from the rest in its order.
    mutating func removeAll(where predicate: (Work) -> Bool) {
        items.removeAll(where: predicate)
        guard items.count > 1 else { return }
        for parent in stride(from: items.count / 2 - 1, through: 0, by: -1) { sink(items[parent], from: parent) }
    }

    /// Puts `item` where the hole at `index` ends up once the more urgent children have moved up into it.
    private mutating func sink(_ item: Work, from index: Int) {
        var hole = index
        while true {
            let right = 2 * hole + 2
            if right < items.count {
                let child = items[right].isLessUrgent(than: items[right - 1]) ? right - 1 : right
                items[hole] = items[child]
                hole = child
            } else if right == items.count {
                items[hole] = items[right - 1]
                hole = right - 1
            } else {
                break
            }
        }
        rise(item, from: hole, to: index)
    }

    private mutating func rise(_ item: Work, from index: Int, to top: Int) {
        var hole = index
        while hole > top {
            let parent = (hole - 1) / 2
            guard items[parent].isLessUrgent(than: item) else { break }
            items[hole] = items[parent]
            hole = parent
        }
        items[hole] = item
    }
}
