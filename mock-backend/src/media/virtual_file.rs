//! A file that is never whole anywhere: initialization, segment indexes, and the loop as often as it takes.

use super::{
    index::{Index, IndexLayout},
    looped::Loop,
};
use crate::http::{Source, Spliced};
use bytes::Bytes;
use std::sync::Arc;

/// One rendition as a single indexed file.
pub(crate) struct VirtualFile {
    looped: Arc<Loop>,
    count: u64,
    index: Index,
}

impl VirtualFile {
    /// The first `count` fragments.
    pub(crate) fn new(looped: Arc<Loop>, count: u64, layout: IndexLayout) -> Self {
        Self {
            index: Index::new(Arc::clone(&looped), count, layout),
            looped,
            count,
        }
    }

    /// Bytes of the initialization segment: the file's first.
    pub(crate) fn init_size(&self) -> u64 {
        self.looped.init().length()
    }

    /// Bytes of the segment index that players are told of; it follows the initialization segment.
    pub(crate) fn top_index_size(&self) -> u64 {
        self.index.top_size()
    }

    fn media(&self, offset: u64, most: usize) -> Bytes {
        let (number, within) = self.looped.at_byte(offset);
        match self.looped.fragment(number) {
            Ok(Some(fragment)) => Spliced::read(&fragment, within, most),
            _ => Bytes::new(),
        }
    }
}

impl Source for VirtualFile {
    fn length(&self) -> u64 {
        self.init_size() + self.index.length() + self.looped.bytes_before(self.count)
    }

    fn read(&self, offset: u64, most: usize) -> Bytes {
        let index_at = self.init_size();
        let media_at = index_at + self.index.length();
        if offset < index_at {
            self.looped.init().read(offset, most)
        } else if offset < media_at {
            self.index.read(offset - index_at, most)
        } else if offset < self.length() {
            self.media(offset - media_at, most)
        } else {
            Bytes::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::synthetic;
    use footlight_isobmff::{Boxes, fragment::Fragments, sidx::Sidx};

    fn file(count: u64, layout: IndexLayout) -> VirtualFile {
        let looped = Loop::new(synthetic::video(360, 900).into()).unwrap();
        VirtualFile::new(Arc::new(looped), count, layout)
    }

    fn whole(file: &VirtualFile, most: usize) -> Vec<u8> {
        let mut out = Vec::new();
        while (out.len() as u64) < file.length() {
            let chunk = file.read(out.len() as u64, most);
            assert!(!chunk.is_empty() && chunk.len() <= most);
            out.extend_from_slice(&chunk);
        }
        assert!(file.read(out.len() as u64, most).is_empty());
        out
    }

    fn indexes(data: &[u8]) -> Vec<(u64, Sidx)> {
        Boxes::new(data)
            .map(Result::unwrap)
            .filter(|found| found.kind.0 == *b"sidx")
            .map(|found| (found.end(), Sidx::parse(found.payload).unwrap()))
            .collect()
    }

    #[test]
    fn a_flat_index_leads_to_every_fragment() {
        let file = file(20, IndexLayout::Flat);
        let data = whole(&file, 1000);
        assert_eq!(data, whole(&file, 37), "however it is read");
        let [(end, sidx)] = &indexes(&data)[..] else {
            panic!("one index")
        };
        assert_eq!(*end, file.init_size() + file.top_index_size());
        let mut at = end + sidx.first_offset;
        let mut time = sidx.earliest_presentation_time;
        let fragments: Vec<_> = Fragments::new(&data).map(Result::unwrap).collect();
        assert_eq!(fragments.len(), sidx.references.len());
        for (fragment, reference) in fragments.iter().zip(&sidx.references) {
            assert_eq!((fragment.offset, fragment.size), (at, reference.size.into()));
            assert_eq!(fragment.tracks[0].base_decode_time, time);
            at += fragment.size;
            time += u64::from(reference.duration);
        }
        assert_eq!(at, data.len() as u64);
    }

    #[test]
    fn a_hierarchical_index_leads_to_every_fragment() {
        let file = file(150, IndexLayout::Hierarchical);
        let data = whole(&file, 4096);
        let found = indexes(&data);
        let (top_end, top) = &found[0];
        assert_eq!(*top_end, file.init_size() + file.top_index_size());
        assert_eq!((top.references.len(), found.len()), (3, 4));
        let mut fragments = Fragments::new(&data).map(Result::unwrap);
        let mut child_at = top_end + top.first_offset;
        for ((end, child), reference) in found[1..].iter().zip(&top.references) {
            assert!(reference.is_index);
            child_at += u64::from(reference.size);
            assert_eq!(*end, child_at);
            let mut at = end + child.first_offset;
            let mut time = child.earliest_presentation_time;
            for reference in &child.references {
                let fragment = fragments.next().unwrap();
                assert_eq!((fragment.offset, fragment.size), (at, reference.size.into()));
                assert_eq!(fragment.tracks[0].base_decode_time, time);
                at += fragment.size;
                time += u64::from(reference.duration);
            }
            let total = time - child.earliest_presentation_time;
            assert_eq!(total, u64::from(reference.duration));
        }
        assert!(fragments.next().is_none());
    }

    #[test]
    fn a_day_is_computed() {
        let file = file(43_200, IndexLayout::Hierarchical);
        let end = file.length();
        assert!(end > 43_200 * 900);
        let last = file.read(end - 10, 100);
        assert_eq!(last.len(), 10);
        let (mut at, end) = (0, file.index.length());
        while at < end {
            at += file.index.read(at, 1 << 20).length();
        }
        assert_eq!(at, end);
    }
}
