// SPDX-License-Identifier: Apache-2.0

/// Chooses packages as apk does: constraints are spread over all that can be reached from the world before a choice is
/// made, and a choice, once made, stands. There is no backtracking; where the constraints contradict each other the
/// choice is made all the same, and the packages it breaks are marked, so that the reason can be told.
///
/// The order of the steps is the behaviour: which name is decided first and which provider wins a tie is what makes the
/// answer equal to apk's. The rules are those of apk-tools 3; the code is not.
package struct Solver {
    /// What is known of a name while solving.
    struct NameState {
        var isSeen = false
        /// Decided; `chosen` is who provides it (nil: nobody).
        var isLocked = false
        var chosen: Catalog.Provider?
        /// The later a name was met, the sooner it is decided; flagged names and real ones come first.
        var rank = 0
        /// How many dependencies ask for it.
        var askers = 0
        var mustReviewDepends = false
        var mustReviewTriggers = false
        var hasTriggered = false
        /// None of its providers can be brought in by install_if any more.
        var isTriggerless = false
        var hasOptions = false
        var dependantsAreDecided = false
        var hasAutomaticChoice = false
        /// Something waits for this name's absence.
        var isAwaited = false
        // Counters for what all candidates of a name have in common.
        var sharedDepends = 0
        var sharedProvides = 0
        var isSharedWithoutVersion = false
        // Where it waits.
        var dirtyTicket = 0
        var queue = Queue.none
        // For the change set.
        var isProcessed = false
        var isRemoved = false
        var installedPackage: Int?
        var installedName: Int?
    }

    enum Queue { case none, now, selectable, unresolved }

    /// What is known of a package while solving.
    struct PackageState {
        var isSeen = false
        /// How many constraints speak against it.
        var conflicts = 0
        var tagsAllowed: UInt64 = 0
        var tagsPreferred: UInt64 = 0
        var flags: SolverFlags = []
        var inheritableFlags: SolverFlags = []
        var isAvailable = false
        var isSelectable = false
        var isTagAllowed = false
        var isTagPreferred = false
        var wasMerged = false
        var isMerged = false
        var isInChangeSet = false
        var isTriggered = false
        var triggerFailed = false
        var hasError = false
    }

    static let defaultTags: UInt64 = 1

    package let catalog: Catalog
    var world: [Catalog.Need]
    var names: [NameState]
    var packages: [PackageState]
    package var errors = 0
    package var changes: [Change] = []

    var flaggedNames: Set<Int> = []
    private var presets: [(package: Int, flags: SolverFlags, inheritable: SolverFlags)] = []
    /// apk's choice during a pre-upgrade: what is installed stays unless an upgrade is asked.
    package var prefersInstalled = false
    var inheritedFlags: SolverFlags = []
    var inheritedTags: UInt64 = 0
    var ignoresConflicts = false
    var defaultRepositories: RepositorySet = 0
    var lastRank = 0

    private var dirty: [(name: Int, ticket: Int)] = []
    private var dirtyHead = 0
    private var lastTicket = 0
    private var now: [Int] = []
    private var selectable: [Int] = []
    private var unresolved: [Int] = []

    package init(_ catalog: Catalog, world: [Catalog.Need]) {
        self.catalog = catalog
        self.world = world.sorted { Self.displayOrder(catalog.names[$0.name].text, catalog.names[$1.name].text) }
        self.names = Array(repeating: NameState(), count: catalog.names.count)
        self.packages = Array(repeating: PackageState(), count: catalog.packages.count)
    }

    /// Sets flags for all providers of a name, before solving.
    package mutating func set(_ flags: SolverFlags, inheritable: SolverFlags, for name: Int) {
        flaggedNames.insert(name)
        for provider in catalog.names[name].providers { presets.append((provider.package, flags, inheritable)) }
    }

    /// Letters without case first, then bytes: the order in which apk shows names.
    package static func displayOrder(_ a: String, _ b: String) -> Bool {
        func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte + 0x20 : byte }
        let (x, y) = (a.utf8.map(lower), b.utf8.map(lower))
        return x == y ? a.utf8.lexicographicallyPrecedes(b.utf8) : x.lexicographicallyPrecedes(y)
    }

    /// Who provides a name after solving.
    package func provider(of name: Int) -> Int? { names[name].chosen?.package }

    /// Solves; afterwards `changes` says what to do and `errors` how many things contradict each other.
    ///
    /// - Parameter dropsBroken: leave out what the world asks and can't have, and solve again.
    package mutating func solve(_ flags: SolverFlags = [], dropsBroken: Bool = false) throws(AlpineError) {
        var broken: Set<Int> = []
        while true {
            try run(flags, leavingOut: broken)
            guard errors > 0, dropsBroken else { return }
            let before = broken.count
            for (index, need) in world.enumerated() {
                let chosen = names[need.name].chosen?.package
                if chosen.map({ packages[$0].hasError }) ?? true { broken.insert(index) }
            }
            if broken.count == before { return }
            presets = []
        }
    }

    private mutating func run(_ flags: SolverFlags, leavingOut broken: Set<Int>) throws(AlpineError) {
        reset()
        ignoresConflicts = flags.contains(.ignoreConflict)
        defaultRepositories = catalog.repositories(tags: Self.defaultTags)
        inheritedFlags = flags
        for (index, need) in world.enumerated() where !broken.contains(index) { discover(need.name) }
        for (index, need) in world.enumerated() where !broken.contains(index) {
            inheritedTags = need.tag < 64 ? 1 << UInt64(need.tag) : 0
            constrain(need, askedBy: nil)
        }
        inheritedFlags = []
        inheritedTags = 0
        while true {
            while let name = nextDirty() { reconsider(name) }
            guard let name = nextUndecided() else { break }
            decide(name)
        }
        try collectChanges()
    }

    private mutating func reset() {
        for index in names.indices { names[index] = NameState() }
        for index in packages.indices { packages[index] = PackageState() }
        for preset in presets {
            packages[preset.package].flags.formUnion(preset.flags)
            packages[preset.package].inheritableFlags.formUnion(preset.inheritable)
        }
        errors = 0
        changes = []
        lastRank = 0
        dirty = []
        dirtyHead = 0
        now = []
        selectable = []
        unresolved = []
    }

    mutating func mark(_ package: Int?) {
        guard let package, !packages[package].hasError else { return }
        packages[package].hasError = true
        errors += 1
    }

    // MARK: Queues

    /// Notes that a name's providers must be looked at again.
    mutating func queueDirty(_ name: Int) {
        let state = names[name]
        if state.dirtyTicket != 0 || state.isLocked || (state.askers == 0 && !state.mustReviewTriggers) { return }
        lastTicket += 1
        names[name].dirtyTicket = lastTicket
        dirty.append((name, lastTicket))
    }

    private mutating func nextDirty() -> Int? {
        while dirtyHead < dirty.count {
            let (name, ticket) = dirty[dirtyHead]
            dirtyHead += 1
            // A name that left the queue in between has another ticket.
            guard names[name].dirtyTicket == ticket else { continue }
            names[name].dirtyTicket = 0
            return name
        }
        dirty.removeAll(keepingCapacity: true)
        dirtyHead = 0
        return nil
    }

    private func canBeDecidedNow(_ name: Int) -> Bool {
        let state = names[name]
        return state.dependantsAreDecided && state.askers > 0 && state.hasAutomaticChoice && !state.hasOptions
    }

    /// Notes that a name is to be decided: at once when there is no choice, else when its turn comes.
    mutating func queueUndecided(_ name: Int, again: Bool) {
        let state = names[name]
        if state.isLocked || state.queue == .now { return }
        let atOnce = canBeDecidedNow(name)
        if state.queue != .none {
            if !atOnce && !again { return }
            leaveQueue(name)
        } else if state.askers == 0 && !state.hasTriggered && !state.isAwaited {
            return
        }
        if atOnce {
            names[name].queue = .now
            now.append(name)
        } else if state.hasAutomaticChoice {
            names[name].queue = .selectable
            insert(name, into: &selectable)
        } else {
            names[name].queue = .unresolved
            insert(name, into: &unresolved)
        }
    }

    /// Keeps a queue in ascending rank; the last one is next.
    private func insert(_ name: Int, into queue: inout [Int]) {
        let rank = names[name].rank
        var (low, high) = (0, queue.count)
        while low < high {
            let middle = (low + high) / 2
            if names[queue[middle]].rank < rank { low = middle + 1 } else { high = middle }
        }
        queue.insert(name, at: low)
    }

    mutating func leaveQueue(_ name: Int) {
        switch names[name].queue {
        case .none: return
        case .now: now.removeAll { $0 == name }
        case .selectable: selectable.removeAll { $0 == name }
        case .unresolved: unresolved.removeAll { $0 == name }
        }
        names[name].queue = .none
    }

    private mutating func nextUndecided() -> Int? {
        let name: Int
        if !now.isEmpty {
            name = now.removeFirst()
        } else if let last = selectable.popLast() {
            name = last
        } else if let last = unresolved.popLast() {
            name = last
        } else {
            return nil
        }
        names[name].queue = .none
        return name
    }
}
