//! Remaking the sample media, which is committed: only changing it needs this.

use std::process::Command;

use anyhow::{Result, bail};

use crate::progress::step;
use crate::{process, workspace};

/// Runs `media/make.sh`.
pub(crate) fn make() -> Result<()> {
    let missing: Vec<_> = ["ffmpeg", "python3", "bash"]
        .into_iter()
        .filter(|tool| process::find(tool).is_none())
        .collect();
    if !missing.is_empty() {
        bail!(
            "remaking the sample media needs {}: media/README.md says how (on Debian: `apt-get install ffmpeg python3 espeak-ng`). Playing it needs none of them",
            missing.join(", ")
        );
    }
    step("the sample media (takes many minutes)", || {
        process::run(Command::new("bash").arg("media/make.sh").current_dir(workspace::root()))
    })
}
