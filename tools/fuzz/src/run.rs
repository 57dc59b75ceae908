//! Inputs to targets.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::Once;

use crate::Target;
use crate::mutate::{Rng, mutate};

/// An input at which a parser broke.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The input.
    pub input: Vec<u8>,
    /// What happened.
    pub what: String,
}

thread_local! {
    /// The last panic's place and words, while a target runs.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Feeds one input to a target: a signature of what it did with it.
///
/// # Errors
/// What the panic says when there is one.
pub fn check(target: &Target, input: &[u8]) -> Result<u64, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = take_hook();
        set_hook(Box::new(move |panic| {
            let is_ours = PANIC.with_borrow_mut(|last| last.as_mut().map(|last| *last = panic.to_string()).is_some());
            if !is_ours {
                others(panic);
            }
        }));
    });
    PANIC.set(Some(String::new()));
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    let panic = PANIC.take().unwrap_or_default();
    outcome.map_err(|_| panic)
}

/// The inputs of a target that are kept with the code, in order of their names.
///
/// # Errors
/// When they cannot be read.
pub fn corpus(target: &Target) -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    for folder in target.corpora {
        for entry in std::fs::read_dir(here.join(folder))? {
            let path = entry?.path();
            if path.is_file() && path.extension().is_none_or(|extension| extension != "txt") {
                all.push((path.display().to_string(), std::fs::read(path)?));
            }
        }
    }
    all.sort();
    Ok(all)
}

/// A run of one target: inputs made of others by damage, those kept whose signature is new.
pub struct Campaign<'t> {
    target: &'t Target,
    rng: Rng,
    kept: Vec<Vec<u8>>,
    seen: BTreeSet<u64>,
}

impl<'t> Campaign<'t> {
    /// Begins with inputs, which must not break the target.
    ///
    /// # Errors
    /// The first input that does.
    pub fn new(target: &'t Target, seed: u64, inputs: Vec<Vec<u8>>) -> Result<Self, Finding> {
        let mut campaign = Self {
            target,
            rng: Rng(seed),
            kept: Vec::new(),
            seen: BTreeSet::new(),
        };
        for input in inputs {
            campaign.feed(&input)?;
            campaign.kept.push(input);
        }
        Ok(campaign)
    }

    /// How many signatures there were.
    #[must_use]
    pub fn signatures(&self) -> usize {
        self.seen.len()
    }

    /// Makes one input and feeds it.
    ///
    /// # Errors
    /// The input when it breaks the target.
    pub fn step(&mut self) -> Result<(), Finding> {
        let mut input = self.rng.pick(&self.kept).cloned().unwrap_or_default();
        mutate(&mut self.rng, &mut input, &self.kept, self.target.dictionary);
        if self.feed(&input)? && self.kept.len() < 20_000 {
            self.kept.push(input);
        }
        Ok(())
    }

    /// Whether its signature is new.
    fn feed(&mut self, input: &[u8]) -> Result<bool, Finding> {
        match check(self.target, input) {
            Ok(signature) => Ok(self.seen.insert(signature)),
            Err(what) => Err(Finding {
                input: input.to_vec(),
                what,
            }),
        }
    }
}

/// A smaller input for which `still_breaks`.
pub fn minimize(input: &[u8], mut still_breaks: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
    let mut smallest = input.to_vec();
    let mut size = smallest.len() / 2;
    while size > 0 {
        let mut at = 0;
        while at < smallest.len() {
            let end = smallest.len().min(at + size);
            let shorter = [&smallest[..at], &smallest[end..]].concat();
            if still_breaks(&shorter) {
                smallest = shorter;
            } else {
                at = end;
            }
        }
        size /= 2;
    }
    smallest
}
