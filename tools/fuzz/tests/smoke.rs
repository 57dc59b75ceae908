//! A short run of every target, the same one each time.

use footlight_fuzz::{Campaign, TARGETS, corpus};

/// Inputs per target besides its corpus.
const INPUTS: usize = 4000;

fn short_run(name: &str) {
    let target = TARGETS
        .iter()
        .find(|target| target.name == name)
        .expect("there is such a target");
    let seeds = corpus(target).expect("the corpus can be read");
    assert!(!seeds.is_empty(), "{name} has no corpus");
    let inputs = seeds.into_iter().map(|(_, input)| input).collect();
    let outcome = Campaign::new(target, 7, inputs).and_then(|mut campaign| {
        (0..INPUTS).try_for_each(|_| campaign.step())?;
        Ok(campaign.signatures())
    });
    match outcome {
        // A target that looks into nothing would answer the same to everything.
        Ok(signatures) => assert!(signatures > 3, "{name} saw {signatures} kinds of input only"),
        Err(finding) => panic!(
            "{name} breaks: {}\n{}",
            finding.what,
            String::from_utf8_lossy(&finding.input)
        ),
    }
}

macro_rules! short_runs {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            short_run(stringify!($name));
        })*

        #[test]
        fn every_target_is_run() {
            let run = [$(stringify!($name)),*];
            for target in TARGETS {
                assert!(run.contains(&target.name), "{}", target.name);
            }
        }
    };
}

short_runs! {
    mpd refresh patch remotes index sidx boxes emsg scte35 id3 webvtt ttml iso_text cea
}
