//! Files of the corpus and the cues that they are read into. `UPDATE_GOLDEN=1` writes what is there now.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use footlight_dash::Micros;
use footlight_text::{Cue, Rgba, Span, ttml, webvtt};

fn clock(time: Micros) -> String {
    if time == Micros::MAX {
        return "open".to_owned();
    }
    let ms = time.0 / 1000;
    format!("{:02}:{:02}.{:03}", ms / 60_000, ms / 1000 % 60, ms % 1000)
}

fn color(name: &str, color: Option<Rgba>) -> String {
    color.map_or(String::new(), |color| format!(" {name}=#{:08x}", color.0))
}

fn span(out: &mut String, span: &Span) -> std::fmt::Result {
    let style = &span.style;
    let flags = [
        ("italic", style.italic),
        ("bold", style.bold),
        ("underline", style.underline),
        ("strike", style.strike),
    ];
    let flags: String = flags
        .iter()
        .filter(|(_, on)| *on)
        .map(|(name, _)| format!(" {name}"))
        .collect();
    write!(
        out,
        "      {:?}{}{}",
        span.text,
        color("color", style.color),
        color("on", style.background)
    )?;
    if let Some(size) = style.size {
        write!(out, " size={}", size.0)?;
    }
    if !style.family.is_empty() {
        write!(out, " family={:?}", style.family)?;
    }
    if let Some(edge) = style.edge {
        write!(out, " {:?}{}", edge.kind, color("edge", Some(edge.color)))?;
    }
    for (name, value) in [("voice", &span.voice), ("ruby", &span.ruby)] {
        if !value.is_empty() {
            write!(out, " {name}={value:?}")?;
        }
    }
    writeln!(out, "{flags}")
}

fn dump(cues: &[Cue]) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    for cue in cues {
        let l = &cue.layout;
        let forced = if cue.forced { " forced" } else { "" };
        writeln!(out, "{} --> {} {:?}{forced}", clock(cue.start), clock(cue.end), cue.id)?;
        writeln!(
            out,
            "  {:?} {:?} {},{} {}x{} {:?} {:?} {:?} {:?} pad={:?} on=#{:08x} block=#{:08x} line={:?} wrap={} roll={} layer={}",
            l.place,
            l.region,
            l.left.0,
            l.top.0,
            l.width.0,
            l.height.0,
            l.block_align,
            l.text_align,
            l.writing_mode,
            l.direction,
            l.padding.map(|side| side.0),
            l.background.0,
            l.block_background.0,
            l.line_height.map(|height| height.0),
            l.wrap,
            l.roll_up,
            l.layer
        )?;
        for line in &cue.lines {
            writeln!(out, "    line")?;
            line.iter().try_for_each(|s| span(&mut out, s))?;
        }
        if let Some(image) = &cue.image {
            writeln!(out, "    image {} of {} bytes", image.mime, image.data.len())?;
        }
    }
    Ok(out)
}

#[test]
fn the_corpus_reads_as_before() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<_> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    let mut seen = 0;
    for file in files {
        let data = fs::read(&file)?;
        let cues = match file.extension().and_then(|ending| ending.to_str()) {
            Some("vtt") => webvtt::parse(&data, Micros(0))?,
            Some("ttml") => ttml::parse(&data, &[])?,
            _ => continue,
        };
        seen += 1;
        let golden = file.with_extension(format!("{}.txt", file.extension().unwrap_or_default().display()));
        let now = dump(&cues)?;
        if env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&golden, &now)?;
        }
        let then = fs::read_to_string(&golden).unwrap_or_default();
        assert_eq!(now, then, "{}", file.display());
    }
    assert!(seen >= 6, "the corpus has lost files");
    Ok(())
}
