//! The parts that pages are made of.

pub mod artwork;
pub mod card;
pub mod header;
pub mod icons;
pub mod roving;
pub mod row;
pub mod skeleton;
pub mod states;
