// SPDX-License-Identifier: Apache-2.0

extension DependencySolver {
    enum Decision: UInt8 { case open, installed, excluded }

    struct State {
        var decision: Decision = .open
        var isDiscovered = false
        var depth: Int32 = 0
        /// The clause that forced the decision; `none` for requests, vetoes and choices that failed.
        var reason: Int32 = DependencySolver.none
        /// The clauses that this variable is the reason of; they lie together.
        var firstClause: Int32 = 0
        var clauseCount: Int32 = 0
        var weakClauses: Int32 = 0
        /// The clauses that have this variable among their solutions: a list through `links`.
        var firstLink: Int32 = DependencySolver.none
        var lastLink: Int32 = DependencySolver.none
    }

    struct Clause {
        enum Origin: UInt8 {
            /// An installed package needs one of its versions.
            case versions
            /// An installed version is of its package.
            case package
            /// An installed version excludes the others.
            case otherVersions
            /// A relation of an index.
            case relation
        }

        var reason: Variable
        var firstSolution: Int32
        var solutionCount: Int32
        /// Where the relation stands in its source's relations.
        var relation: Int32 = 0
        var relationCount: Int32 = 0
        var source: UInt8 = 0
        var kind: RelationKind = .depends
        var origin: Origin
        var isNegative = false
        var group: UInt8
    }

    /// Urgency of clauses; smaller is sooner.
    enum Group {
        static let satisfyNew: UInt8 = 1
        static let weak: UInt8 = 2
        static let satisfyObsolete: UInt8 = 3
        static let versions: UInt8 = 4
    }

    /// One entry of the trail: a decision, a work item that was dealt with, or both ends of a choice.
    struct Step {
        var assigned: Variable
        var work: Work?
        var choice: Variable
    }
}
