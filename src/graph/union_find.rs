//! Disjoint sets with path halving; the representative of a set is its smallest member.

/// Disjoint sets of `0..n`.
#[derive(Clone, Debug, Default)]
pub struct UnionFind {
    parent: Vec<u32>,
}

impl UnionFind {
    /// So many sets of one member each.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self { parent: (0..count as u32).collect() }
    }

    /// Adds a member in a set of its own.
    pub fn push(&mut self) {
        self.parent.push(self.parent.len() as u32);
    }

    /// The smallest member of the set; amortised O(log n).
    pub fn find(&mut self, member: usize) -> usize {
        let mut at = member;
        while self.parent[at] as usize != at {
            self.parent[at] = self.parent[self.parent[at] as usize];
            at = self.parent[at] as usize;
        }
        at
    }

    /// Makes two sets one; whether they were two.
    pub fn join(&mut self, one: usize, other: usize) -> bool {
        let (one, other) = (self.find(one), self.find(other));
        let (low, high) = (one.min(other), one.max(other));
        self.parent[high] = low as u32;
        low != high
    }
}
