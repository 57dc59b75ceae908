//! One track of the sink: what was asked for, what is on its way, what is in.

use std::collections::VecDeque;

use footlight_dash::Micros;

use super::input::RequestId;
use super::output::Output;
use crate::abr::Reason;
use crate::buffering::{Entry, Inventory, Ranges};
use crate::delivery::{Delivery, Io, Purpose};
use crate::error::PlayerError;
use crate::presentation::{Kind, RepKey};
use crate::time::Instant;

/// Two segment borders this close are the same: timescales round.
pub(super) const BORDER: Micros = Micros(100_000);
/// A break in the buffer that media pipelines play over.
pub(super) const BRIDGED: Micros = Micros(100_000);

/// A segment chosen and on its way, or arrived.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chosen {
    pub(super) entry: Entry,
    /// Its body, once it is complete.
    pub(super) body: Option<RequestId>,
    /// It is appended while it arrives.
    pub(super) progressive: bool,
    /// What of which body is in the sink already.
    pub(super) appended: Option<(RequestId, u64)>,
    /// How often it was asked for in vain.
    pub(super) failures: u32,
    /// It takes the place of what is in the sink.
    pub(super) replaces: bool,
}

/// What the sink is busy with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operation {
    Init(RepKey),
    Media(Chosen),
    /// A part of what is first in the queue: of this body up to this byte.
    Part(RequestId, u64),
    Remove,
}

#[derive(Debug)]
pub(super) struct Stream {
    pub(super) kind: Kind,
    /// Up to where segments have been chosen, on the presentation timeline.
    pub(super) cursor: Micros,
    /// Segments chosen and not yet appended, in order; all but the last have their body.
    pub(super) queue: VecDeque<Chosen>,
    pub(super) operation: Option<Operation>,
    /// The representation of the last choice.
    pub(super) rep: Option<RepKey>,
    /// Initialization segments that the host keeps.
    pub(super) inits: Vec<(RepKey, RequestId)>,
    /// The one that the sink decodes with.
    pub(super) sink_init: Option<RepKey>,
    /// MIME type that the sink was opened with or changed to.
    pub(super) sink_mime: String,
    pub(super) buffered: Ranges,
    pub(super) inventory: Inventory,
    /// Nothing more to choose.
    pub(super) at_end: bool,
    /// It cannot go on; told when the playhead gets there.
    pub(super) failed: Option<PlayerError>,
    /// Own buffer goal, lowered when the sink was full.
    pub(super) goal: Micros,
    /// How much stays behind the playhead, lowered when the sink was full.
    pub(super) behind: Micros,
    /// The sink was full: no append before the playhead is here, or it is this late.
    pub(super) full_until: Option<(Micros, Instant)>,
    /// Representations that failed to load.
    pub(super) avoided: Vec<RepKey>,
    /// The next segment is asked for then, not earlier: it is not there yet.
    pub(super) not_before: Option<Instant>,
    /// Where a segment starts that was not there, and how often it was asked for.
    pub(super) missed: (Micros, u32),
    /// How often it was waited for segments since the last one that came.
    pub(super) vain: u32,
    /// Where a segment starts that is on its way, while the one after it is asked for.
    pub(super) passed: Option<Micros>,
    /// Segments in a row that could not be had and were passed over.
    pub(super) lost: u32,
    /// Where the first of them starts.
    pub(super) lost_from: Micros,
    /// How large segments are, in thousandths of what their bitrates say.
    pub(super) size_ratio: u64,
    /// The sink's parser is inside a segment of this body.
    pub(super) inside: Option<RequestId>,
}

impl Stream {
    pub(super) fn new(kind: Kind, cursor: Micros, goal: Micros, behind: Micros) -> Self {
        Self {
            kind,
            cursor,
            queue: VecDeque::new(),
            operation: None,
            rep: None,
            inits: Vec::new(),
            sink_init: None,
            sink_mime: String::new(),
            buffered: Ranges::default(),
            inventory: Inventory::default(),
            at_end: false,
            failed: None,
            goal,
            behind,
            full_until: None,
            avoided: Vec::new(),
            not_before: None,
            missed: (Micros(0), 0),
            vain: 0,
            passed: None,
            lost: 0,
            lost_from: Micros(0),
            size_ratio: 1000,
            inside: None,
        }
    }

    /// A segment of this track is being fetched.
    pub(super) fn fetching(&self) -> bool {
        self.queue.back().is_some_and(|c| c.body.is_none())
    }

    /// Media in the sink from `time` on, without a break.
    pub(super) fn ahead(&self, time: Micros) -> Micros {
        self.buffered.ahead(time, BRIDGED)
    }

    /// Moves the cursor over segments that are in the sink already.
    pub(super) fn skip_present(&mut self) {
        while let Some(entry) = self.inventory.at(self.cursor.saturating_add(BORDER)).copied() {
            if entry.end <= self.cursor {
                return;
            }
            self.cursor = entry.end;
        }
    }

    /// Data for `time` is chosen and not in the sink yet, or still to be chosen.
    pub(super) fn expects(&self, time: Micros) -> bool {
        let late = time.saturating_add(BORDER);
        let covers = |c: &Chosen| c.entry.start <= late && time < c.entry.end;
        let operation = match &self.operation {
            Some(Operation::Media(chosen)) => covers(chosen),
            _ => false,
        };
        operation || self.queue.iter().any(covers) || (!self.at_end && self.cursor <= late)
    }

    /// Where the first segment starts that is chosen and not in the sink yet.
    pub(super) fn next_in_line(&self) -> Option<Micros> {
        match &self.operation {
            Some(Operation::Media(chosen)) => Some(chosen.entry.start),
            _ => self.queue.front().map(|chosen| chosen.entry.start),
        }
    }

    /// The playhead moves to `target`: keeps what continues the buffer there, drops the rest.
    pub(super) fn retarget(&mut self, io: &mut Io, delivery: &mut Delivery, target: Micros) {
        self.cursor = target;
        self.at_end = false;
        self.failed = None;
        self.full_until = None;
        self.avoided.clear();
        self.not_before = None;
        self.passed = None;
        self.lost = 0;
        self.skip_present();
        // What is being appended may go on from there.
        if let Some(Operation::Media(chosen)) = &self.operation
            && chosen.entry.start.0 - BORDER.0 <= self.cursor.0
            && self.cursor < chosen.entry.end
        {
            self.cursor = chosen.entry.end;
            self.skip_present();
        }
        let (mut kept, mut reached) = (VecDeque::new(), self.cursor);
        for chosen in std::mem::take(&mut self.queue) {
            let entry = chosen.entry;
            if kept.is_empty() && entry.start.0 - BORDER.0 <= reached.0 && reached < entry.end
                || !kept.is_empty() && entry.start == reached
            {
                reached = entry.end;
                kept.push_back(chosen);
            } else {
                self.drop_chosen(io, delivery, chosen);
            }
        }
        self.queue = kept;
        self.cursor = reached;
    }

    /// Chooses again from `time` on: what is chosen or in the sink from there will be replaced.
    pub(super) fn replace_from(&mut self, io: &mut Io, delivery: &mut Delivery, time: Micros) {
        for chosen in std::mem::take(&mut self.queue) {
            self.drop_chosen(io, delivery, chosen);
        }
        self.inventory.forget_from(time);
        self.cursor = time;
        self.at_end = false;
        self.failed = None;
        self.avoided.clear();
    }

    /// Drops what was chosen from `end` on: there is nothing there.
    pub(super) fn drop_from(&mut self, io: &mut Io, delivery: &mut Delivery, end: Micros) {
        while let Some(chosen) = self.queue.back().copied().filter(|c| c.entry.start >= end) {
            self.queue.pop_back();
            self.cursor = chosen.entry.start;
            self.drop_chosen(io, delivery, chosen);
        }
    }

    pub(super) fn drop_chosen(&self, io: &mut Io, delivery: &mut Delivery, chosen: Chosen) {
        match chosen.body {
            Some(request) => io.push(Output::Release(request)),
            None => {
                let kind = self.kind;
                delivery.cancel(io, |p| {
                    p == Purpose::Media(kind) || matches!(p, Purpose::Index(k, _) if k == kind)
                });
            }
        }
    }

    /// The segment that plays at `time`, and why it was chosen.
    pub(super) fn playing(&self, time: Micros) -> Option<(RepKey, Reason)> {
        self.inventory.at(time).map(|e| (e.rep, e.reason))
    }

    /// The initialization segment of `rep`, if the host has it.
    pub(super) fn init(&self, rep: RepKey) -> Option<RequestId> {
        self.inits
            .iter()
            .find(|(key, _)| *key == rep)
            .map(|(_, request)| *request)
    }
}
