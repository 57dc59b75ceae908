//! The pass forward through the segments.

use super::Problem;
use super::tail::{Tail, hope};

/// Differences of values below this are none.
const TINY: f64 = 1e-9;
/// Cells that a plane may have.
const MOST_CELLS: f64 = 12e6;
/// Steps of waiting that a plane has room for, at least and at most.
const STEPS: (f64, f64) = (32.0, 2048.0);

/// How finely time and waiting are told apart, in milliseconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Grid {
    pub(super) time: f64,
    pub(super) waiting: f64,
}

impl Grid {
    /// Fine enough to find a good schedule.
    pub(super) fn coarse(problem: &Problem<'_>) -> Self {
        Self::of(problem, [(60.0, 120.0), (20.0, 30.0), (5.0, 6.0)])
    }

    /// Fine enough for a tight bound.
    pub(super) fn fine(problem: &Problem<'_>) -> Self {
        Self::of(problem, [(20.0, 60.0), (10.0, 15.0), (4.0, 4.0)])
    }

    fn of(problem: &Problem<'_>, sizes: [(f64, f64); 3]) -> Self {
        let [long, middle, short] = sizes;
        let (time, waiting) = match problem.span() {
            span if span > 5000.0 => long,
            span if span > 1000.0 => middle,
            _ => short,
        };
        Self { time, waiting }
    }
}

/// Which way times and waiting are rounded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rounding {
    /// For a bound.
    Down,
    /// For a schedule.
    Up,
}

impl Rounding {
    fn steps(self, value: f64, step: f64) -> f64 {
        match self {
            Self::Down => (value / step + TINY).floor(),
            Self::Up => (value / step - TINY).ceil(),
        }
    }
}

/// What a pass found.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// The highest value; none when no state was left.
    pub(super) value: Option<f64>,
    /// How to come to it; only when rounding up.
    pub(super) schedule: Option<Vec<usize>>,
    /// States that might have mattered and were left out for want of memory.
    pub(super) left_out: usize,
}

/// A state that is reached. Its place says when, after how much waiting, and with which rendition.
#[derive(Clone, Copy, Debug)]
struct State {
    place: usize,
    value: f64,
    /// In the states of the segment before.
    parent: u32,
}

/// States after a segment, by place: waiting, then time, then rendition.
struct Plane {
    /// How many steps of waiting, steps of time, and renditions.
    waits: usize,
    times: usize,
    width: usize,
    states: Vec<(f64, u32)>,
    /// Rows of one waiting that hold something.
    used: Vec<bool>,
}

impl Plane {
    fn new(waits: usize, times: usize, width: usize) -> Self {
        Self {
            waits,
            times,
            width,
            states: vec![(f64::NEG_INFINITY, 0); waits * times * width],
            used: vec![false; waits],
        }
    }

    fn put(&mut self, wait: usize, time: usize, rendition: usize, value: f64, parent: u32) {
        self.used[wait] = true;
        let state = &mut self.states[(wait * self.times + time) * self.width + rendition];
        if value > state.0 {
            *state = (value, parent);
        }
    }

    /// Takes out all states, in order of their places.
    fn take(&mut self) -> Vec<State> {
        let row = self.times * self.width;
        let mut taken = Vec::new();
        for wait in 0..self.waits {
            if !std::mem::take(&mut self.used[wait]) {
                continue;
            }
            for (at, state) in self.states[wait * row..(wait + 1) * row].iter_mut().enumerate() {
                if state.0 > f64::NEG_INFINITY {
                    taken.push(State {
                        place: wait * row + at,
                        value: state.0,
                        parent: state.1,
                    });
                    state.0 = f64::NEG_INFINITY;
                }
            }
        }
        taken
    }
}

struct Pass<'a> {
    problem: &'a Problem<'a>,
    tails: &'a [Tail],
    grid: Grid,
    rounding: Rounding,
    /// What cannot come to this is dropped.
    floor: f64,
    plane: Plane,
    left_out: usize,
}

/// Goes through all segments. States that cannot come to a value of `floor` are dropped.
pub(super) fn forward(problem: &Problem<'_>, tails: &[Tail], grid: Grid, rounding: Rounding, floor: f64) -> Found {
    let width = problem.gain.len();
    let times = ((problem.span() + grid.waiting) / grid.time) as usize + 3;
    // With more waiting than this not even the best rendition throughout is worth the floor.
    let gain = problem.gain.last().copied().unwrap_or_default() * problem.movie.segments() as f64;
    let useful = ((gain - floor) / problem.cost - problem.least[0]) / grid.waiting + 2.0;
    let room = (MOST_CELLS / (times * width) as f64).clamp(STEPS.0, STEPS.1);
    let waits = useful.clamp(1.0, room) as usize;
    let mut pass = Pass {
        problem,
        tails,
        grid,
        rounding,
        floor,
        plane: Plane::new(waits, times, width),
        left_out: 0,
    };
    if tails.is_empty() {
        return Found::default();
    }
    for at in 0..width {
        let end = problem.trace.finish(0.0, problem.movie.size(0, at));
        pass.reach(0, at, end, end, problem.gain[at], 0);
    }
    let mut history: Vec<Vec<State>> = Vec::new();
    let mut states = pass.plane.take();
    for segment in 1..problem.movie.segments() {
        pass.step(segment, &states);
        let next = pass.plane.take();
        let before = std::mem::replace(&mut states, next);
        if rounding == Rounding::Up {
            history.push(before);
        }
    }
    history.push(states);
    pass.conclude(&history)
}

impl Pass<'_> {
    /// The grid's first step of waiting after a segment.
    fn first_wait(&self, segment: usize) -> f64 {
        (self.problem.least[segment] / self.grid.waiting).floor()
    }

    /// The grid's first step of time after a segment and so much waiting.
    fn first_time(&self, segment: usize, waited: f64) -> f64 {
        (self.problem.room(segment + 1, waited) / self.grid.time).floor()
    }

    /// A segment is complete.
    fn reach(&mut self, segment: usize, rendition: usize, end: f64, waited: f64, value: f64, parent: u32) {
        let first = self.first_wait(segment);
        let steps = self.rounding.steps(waited, self.grid.waiting).max(first);
        let waited = steps * self.grid.waiting;
        let time = end.max(self.problem.room(segment + 1, waited));
        let state = (value, waited, time, rendition);
        if hope(self.tails, self.problem, segment + 1, state, self.floor) < self.floor - TINY {
            return;
        }
        let wait = (steps - first) as usize;
        if wait >= self.plane.waits {
            self.left_out += 1;
            return;
        }
        let cell = self.rounding.steps(time, self.grid.time) - self.first_time(segment, waited);
        let mut cell = cell.max(0.0) as usize;
        if cell >= self.plane.times {
            if self.rounding == Rounding::Up {
                return;
            }
            cell = self.plane.times - 1;
        }
        self.plane.put(wait, cell, rendition, value, parent);
    }

    /// Asks for a segment from every state after the one before it that no other state is better than in all respects.
    fn step(&mut self, segment: usize, states: &[State]) {
        let (width, times) = (self.plane.width, self.plane.times);
        let first = self.first_wait(segment - 1);
        let origin = self.first_time(segment - 1, first * self.grid.waiting);
        // By time, the best value of each rendition that less waiting and no later time has; and memoised transfers.
        let (mut best, mut finishes) = (Vec::new(), Vec::new());
        let mut index = 0;
        for row in states.chunk_by(|a, b| a.place / (times * width) == b.place / (times * width)) {
            let wait = row[0].place / (times * width);
            let waited = (first + wait as f64) * self.grid.waiting;
            let start = self.first_time(segment - 1, waited);
            let offset = (start - origin) as usize;
            // Beyond the end of the rows before nothing is better than at their end.
            let last: Vec<f64> = match best.len() {
                0 => vec![f64::NEG_INFINITY; width],
                length => best[length - width..].to_vec(),
            };
            while best.len() < (offset + times) * width {
                best.extend_from_slice(&last);
                finishes.resize(best.len(), f64::NAN);
            }
            let mut reached = vec![f64::NEG_INFINITY; width];
            let mut filled = 0;
            for cell in row.chunk_by(|a, b| a.place / width == b.place / width) {
                let time = cell[0].place / width % times;
                raise(&mut best, &reached, offset + filled..offset + time, width);
                filled = time;
                let values = self.values(cell, index);
                index += cell.len();
                let slots = (offset + time) * width..(offset + time + 1) * width;
                for (rendition, slot) in slots.enumerate() {
                    let (value, parent) = values[rendition];
                    if value <= reached[rendition].max(best[slot]) + TINY {
                        continue;
                    }
                    if finishes[slot].is_nan() {
                        let (at, size) = ((start + time as f64) * self.grid.time, self.size(segment, rendition));
                        finishes[slot] = self.problem.trace.finish(at.max(0.0), size);
                    }
                    self.arrive(segment, rendition, finishes[slot], waited, (value, parent));
                }
                for (reached, (value, _)) in reached.iter_mut().zip(&values) {
                    *reached = reached.max(*value);
                }
            }
            raise(&mut best, &reached, offset + filled..offset + times, width);
        }
    }

    /// The best values at a place, changes of rendition included, and whose they are; `index`: of the first state there.
    fn values(&self, cell: &[State], index: usize) -> Vec<(f64, u32)> {
        let mut values = vec![(f64::NEG_INFINITY, 0); self.plane.width];
        for (nth, state) in cell.iter().enumerate() {
            values[state.place % self.plane.width] = (state.value, (index + nth) as u32);
        }
        self.problem.after_switch(&mut values);
        values
    }

    fn size(&self, segment: usize, rendition: usize) -> f64 {
        self.problem.movie.size(segment, rendition)
    }

    /// A segment that was asked for after so much waiting arrives.
    fn arrive(&mut self, segment: usize, rendition: usize, end: f64, waited: f64, (value, parent): (f64, u32)) {
        let waited = waited.max(end - segment as f64 * self.problem.length);
        let value = value + self.problem.gain[rendition];
        self.reach(segment, rendition, end, waited, value, parent);
    }

    fn conclude(&self, history: &[Vec<State>]) -> Found {
        let last = self.problem.movie.segments() - 1;
        let (width, times) = (self.plane.width, self.plane.times);
        let first = self.first_wait(last);
        let worth = |state: &State| {
            let waited = (first + (state.place / (times * width)) as f64) * self.grid.waiting;
            state.value - self.problem.cost * waited
        };
        let states = history.last().map_or(&[][..], Vec::as_slice);
        let best = (0..states.len()).max_by(|&a, &b| worth(&states[a]).total_cmp(&worth(&states[b])));
        let schedule = best.filter(|_| self.rounding == Rounding::Up).map(|best| {
            let mut at = best;
            let mut renditions: Vec<usize> = history
                .iter()
                .rev()
                .map(|states| {
                    let state = states[at];
                    at = state.parent as usize;
                    state.place % width
                })
                .collect();
            renditions.reverse();
            renditions
        });
        Found {
            value: best.map(|best| worth(&states[best])),
            schedule,
            left_out: self.left_out,
        }
    }
}

/// In these cells, nothing less than this is worth looking at.
fn raise(best: &mut [f64], reached: &[f64], cells: std::ops::Range<usize>, width: usize) {
    for cell in cells {
        for (best, reached) in best[cell * width..(cell + 1) * width].iter_mut().zip(reached) {
            *best = best.max(*reached);
        }
    }
}
