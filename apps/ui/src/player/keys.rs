//! Keyboard shortcuts of the player page.

/// What a key press asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Command {
    /// Play or pause.
    TogglePlay,
    /// Move by seconds.
    SeekBy(f64),
    /// Move to a part of the title.
    SeekTo(f64),
    /// Louder or softer.
    Volume(f64),
    /// Sound off or on.
    ToggleMute,
    /// Full screen.
    ToggleFullscreen,
    /// Subtitles.
    ToggleText,
    /// The stats panel.
    ToggleStats,
    /// Picture in picture.
    TogglePip,
    /// Slower.
    Slower,
    /// Faster.
    Faster,
    /// The list of shortcuts.
    ToggleHelp,
    /// The live edge.
    GoLive,
    /// The beginning of what is on live.
    StartOver,
    /// Close what is open.
    Escape,
}

/// What has the focus, as far as keys care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// Nothing of its own: the page, or the picture.
    Page,
    /// A button: space and enter press it.
    Button,
    /// A slider: the arrows, home, end and page keys move it.
    Slider,
    /// A menu: the arrows walk through it, letters too.
    Menu,
}

/// The shortcuts as the help lists them.
pub const HELP: [(&str, &str); 15] = [
    ("Space or K", "Play or pause"),
    ("J · L", "Back · forward 10 seconds"),
    ("← · →", "Back · forward 5 seconds"),
    ("↑ · ↓", "Volume"),
    ("0 – 9", "Jump to a tenth of the title"),
    ("M", "Sound off or on"),
    ("C", "Subtitles off or on"),
    (", · .", "Slower · faster"),
    ("F", "Full screen"),
    ("P", "Picture in picture"),
    ("I", "Playback stats"),
    ("G", "Go live"),
    ("S", "Start over what is on live"),
    ("?", "These shortcuts"),
    ("Esc", "Close what is open"),
];

/// The command of a key (`KeyboardEvent.key`); `None` when the key is not ours, or belongs to what has the focus.
#[must_use]
pub fn command(key: &str, focus: Focus) -> Option<Command> {
    if key == "Escape" {
        return Some(Command::Escape);
    }
    if focus == Focus::Menu {
        return None;
    }
    match key {
        " " | "Enter" if focus == Focus::Button => return None,
        "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" if focus == Focus::Slider => {
            return None;
        }
        _ => {}
    }
    let mut letters = key.chars();
    let (Some(first), None) = (letters.next(), letters.next()) else {
        return named(key);
    };
    if let Some(digit) = first.to_digit(10) {
        return Some(Command::SeekTo(f64::from(digit) / 10.0));
    }
    Some(match first.to_ascii_lowercase() {
        ' ' | 'k' => Command::TogglePlay,
        'j' => Command::SeekBy(-10.0),
        'l' => Command::SeekBy(10.0),
        'm' => Command::ToggleMute,
        'f' => Command::ToggleFullscreen,
        'c' => Command::ToggleText,
        'i' => Command::ToggleStats,
        'p' => Command::TogglePip,
        'g' => Command::GoLive,
        's' => Command::StartOver,
        ',' | '<' => Command::Slower,
        '.' | '>' => Command::Faster,
        '?' => Command::ToggleHelp,
        _ => return None,
    })
}

fn named(key: &str) -> Option<Command> {
    Some(match key {
        "ArrowLeft" => Command::SeekBy(-5.0),
        "ArrowRight" => Command::SeekBy(5.0),
        "ArrowUp" => Command::Volume(0.05),
        "ArrowDown" => Command::Volume(-0.05),
        "MediaPlayPause" => Command::TogglePlay,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_on_the_page() {
        assert_eq!(command(" ", Focus::Page), Some(Command::TogglePlay));
        assert_eq!(command("K", Focus::Page), Some(Command::TogglePlay));
        assert_eq!(command("j", Focus::Page), Some(Command::SeekBy(-10.0)));
        assert_eq!(command("g", Focus::Page), Some(Command::GoLive));
        assert_eq!(command("7", Focus::Page), Some(Command::SeekTo(0.7)));
        assert_eq!(command("ArrowUp", Focus::Page), Some(Command::Volume(0.05)));
        assert_eq!(command("Tab", Focus::Page), None);
        assert_eq!(command("F5", Focus::Page), None);
        assert_eq!(command("é", Focus::Page), None);
    }

    #[test]
    fn what_has_the_focus_keeps_its_keys() {
        assert_eq!(command(" ", Focus::Button), None);
        assert_eq!(command("k", Focus::Button), Some(Command::TogglePlay));
        assert_eq!(command("ArrowLeft", Focus::Slider), None);
        assert_eq!(command(" ", Focus::Slider), Some(Command::TogglePlay));
        assert_eq!(command("m", Focus::Menu), None);
        assert_eq!(command("Escape", Focus::Menu), Some(Command::Escape));
    }
}
