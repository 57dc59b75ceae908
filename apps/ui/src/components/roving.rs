//! Roving focus: one tab stop for a group, arrows inside it.

/// Which way the arrows of a group go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Left and right.
    Horizontal,
    /// Up and down, around the ends.
    Vertical,
}

/// The item that `key` moves to from `current` in a group of `len`; `None` when the key is not for the group (or
/// there is nowhere to go).
#[must_use]
pub fn next(key: &str, current: usize, len: usize, axis: Axis) -> Option<usize> {
    let last = len.checked_sub(1)?;
    let current = current.min(last);
    let target = match (axis, key) {
        (_, "Home") => 0,
        (_, "End") => last,
        (Axis::Horizontal, "ArrowRight") => (current + 1).min(last),
        (Axis::Horizontal, "ArrowLeft") => current.saturating_sub(1),
        (Axis::Vertical, "ArrowDown") => (current + 1) % len,
        (Axis::Vertical, "ArrowUp") => (current + last) % len,
        _ => return None,
    };
    (target != current).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stop_at_their_ends() {
        assert_eq!(next("ArrowRight", 0, 3, Axis::Horizontal), Some(1));
        assert_eq!(next("ArrowRight", 2, 3, Axis::Horizontal), None);
        assert_eq!(next("ArrowLeft", 0, 3, Axis::Horizontal), None);
        assert_eq!(next("End", 0, 3, Axis::Horizontal), Some(2));
        assert_eq!(next("ArrowDown", 0, 3, Axis::Horizontal), None);
    }

    #[test]
    fn menus_go_around() {
        assert_eq!(next("ArrowDown", 2, 3, Axis::Vertical), Some(0));
        assert_eq!(next("ArrowUp", 0, 3, Axis::Vertical), Some(2));
        assert_eq!(next("Home", 2, 3, Axis::Vertical), Some(0));
        assert_eq!(next("x", 2, 3, Axis::Vertical), None);
    }

    #[test]
    fn empty_and_shrunk_groups() {
        assert_eq!(next("End", 0, 0, Axis::Vertical), None);
        assert_eq!(next("ArrowLeft", 9, 3, Axis::Horizontal), Some(1));
        assert_eq!(next("ArrowDown", 0, 1, Axis::Vertical), None);
    }
}
