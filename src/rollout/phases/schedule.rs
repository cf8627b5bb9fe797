//! What may be built in which year: units, yearly limits, and schedules that keep to them.

/// A unit to be scheduled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Task {
    /// The unit that must be built in the same year or before; it has a smaller place.
    pub(super) after: Option<u32>,
    /// What building it costs, in cents.
    pub(super) cost: i64,
    /// What is dug for it, in millimetres.
    pub(super) length: i64,
    /// Its need by objective, the most important objective first.
    pub(super) need: Vec<i64>,
    /// Whether enough connections have signed up.
    pub(super) ready: bool,
}

/// What a limit is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resource {
    /// Cents spent.
    Money,
    /// Millimetres dug.
    Length,
}

/// What is built from the first year to the last one, both counted, takes no more of a resource than the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) resource: Resource,
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) most: i64,
}

/// Units, limits, and what a year in service counts.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    /// Units, those before others first.
    pub(super) tasks: Vec<Task>,
    pub(super) limits: Vec<Limit>,
    /// Years in service, discounted, of what is built in each year, in ten-thousandths.
    pub(super) service: Vec<i64>,
}

/// The year of each unit, counted from 0.
pub(super) type Schedule = Vec<Option<u32>>;

impl Task {
    pub(super) const fn amount(&self, resource: Resource) -> i64 {
        match resource {
            Resource::Money => self.cost,
            Resource::Length => self.length,
        }
    }
}

impl Limit {
    pub(super) const fn holds(&self, year: usize) -> bool {
        self.first <= year && year <= self.last
    }
}

impl Problem {
    pub(super) fn objectives(&self) -> usize {
        self.tasks.first().map_or(0, |task| task.need.len())
    }

    /// Need times years in service, by objective: to be compared lexicographically.
    pub(super) fn value(&self, schedule: &Schedule) -> Vec<i64> {
        let mut value = vec![0; self.objectives()];
        for (task, year) in self.tasks.iter().zip(schedule) {
            let Some(year) = year else { continue };
            let service = self.service[*year as usize];
            value.iter_mut().zip(&task.need).for_each(|(sum, need)| *sum += need * service);
        }
        value
    }

    /// What a schedule uses of each limit.
    pub(super) fn used(&self, schedule: &Schedule) -> Vec<i64> {
        let used = |limit: &Limit| {
            let built = self.tasks.iter().zip(schedule);
            let inside = built.filter(|(_, year)| year.is_some_and(|year| limit.holds(year as usize)));
            inside.map(|(task, _)| task.amount(limit.resource)).sum()
        };
        self.limits.iter().map(used).collect()
    }

    /// Whether a schedule keeps to every rule.
    pub(super) fn is_lawful(&self, schedule: &Schedule) -> bool {
        let in_order = self.tasks.iter().zip(schedule).all(|(task, year)| match (year, task.after) {
            (None, _) => true,
            (Some(_), None) => task.ready,
            (Some(year), Some(after)) => task.ready && schedule[after as usize].is_some_and(|before| before <= *year),
        });
        in_order && self.used(schedule).iter().zip(&self.limits).all(|(used, limit)| *used <= limit.most)
    }

    /// The greedy cut of a sequence: each unit in its turn goes into the first year that has room for it and is not before
    /// that of the unit it hangs from; where there is none, it waits for later years. Time: O(n t) limits.
    pub(super) fn cut(&self, sequence: &[u32]) -> Schedule {
        self.extend(vec![None; self.tasks.len()], sequence)
    }

    /// Adds what a lawful schedule has room for, in the same way. Time: O(n t) limits.
    pub(super) fn extend(&self, mut schedule: Schedule, sequence: &[u32]) -> Schedule {
        let used = self.used(&schedule);
        let mut left: Vec<i64> = self.limits.iter().zip(used).map(|(limit, used)| limit.most - used).collect();
        for &unit in sequence {
            if schedule[unit as usize].is_some() {
                continue;
            }
            let task = &self.tasks[unit as usize];
            let earliest = match task.after {
                None => Some(0),
                Some(after) => schedule[after as usize],
            };
            let Some(earliest) = earliest.filter(|_| task.ready) else { continue };
            let year = (earliest as usize..self.service.len()).find(|&year| {
                let mut limits = self.limits.iter().zip(&left).filter(|(limit, _)| limit.holds(year));
                limits.all(|(limit, left)| task.amount(limit.resource) <= *left)
            });
            let Some(year) = year else { continue };
            for (limit, left) in self.limits.iter().zip(&mut left).filter(|(limit, _)| limit.holds(year)) {
                *left -= task.amount(limit.resource);
            }
            schedule[unit as usize] = Some(year as u32);
        }
        schedule
    }

    /// Takes out what serves nobody in the first objectives: units without need in them that nothing built with such need
    /// hangs from.
    pub(super) fn prune(&self, schedule: &mut Schedule, objectives: usize) {
        let mut useful = vec![false; self.tasks.len()];
        for (unit, task) in self.tasks.iter().enumerate().rev() {
            useful[unit] |= task.need[..objectives].iter().any(|&need| need > 0);
            useful[unit] &= schedule[unit].is_some();
            if let (true, Some(after)) = (useful[unit], task.after) {
                useful[after as usize] = true;
            }
        }
        schedule.iter_mut().zip(useful).for_each(|(year, useful)| *year = year.filter(|_| useful));
    }
}
