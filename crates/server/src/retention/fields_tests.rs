use std::collections::HashSet;

use sea_orm::Iterable;

use super::*;
use crate::platform::seal::COLUMNS;

/// Sealed columns that are no kind's: events and changes are erased by `erase.rs`, kept searches go whole, and a second factor is its
/// owner's as long as the user is.
const ELSEWHERE: [(&str, &str); 6] = [
    ("record_events", "before"),
    ("record_events", "after"),
    ("changes", "before"),
    ("changes", "after"),
    ("saved_searches", "filter"),
    ("users", "totp_secret"),
];

#[test]
fn every_sealed_column_goes_with_some_kind() {
    let of_kinds: HashSet<(&str, &str)> = RetentionKind::iter()
        .flat_map(places)
        .flat_map(|p| p.columns.iter().map(|(column, _)| (p.table, *column)))
        .chain(ELSEWHERE)
        .collect();
    let sealed: Vec<_> = COLUMNS.iter().map(|(table, _, column)| (*table, *column)).collect();
    let left: Vec<_> = sealed.iter().filter(|place| !of_kinds.contains(place)).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// What is sealed stays sealed, and nothing else is.
#[test]
fn a_sealed_column_gets_a_sealed_word() {
    for place in RetentionKind::iter().flat_map(places) {
        for (column, with) in place.columns {
            let sealed = COLUMNS.iter().any(|(table, _, c)| (*table, *c) == (place.table, *column));
            assert_eq!(matches!(with, Sealed | SealedCells), sealed, "{}.{column}", place.table);
        }
    }
}

/// Whatever names a content gives the name up with a kind, and no content is removed whose name stays.
#[test]
fn a_content_goes_with_its_name() {
    for naming in NAMINGS {
        let kinds = RetentionKind::iter().filter(|kind| namings(*kind).iter().any(|n| n.table == naming.table));
        let kinds: Vec<_> = kinds.collect();
        assert_eq!(kinds.len(), 1, "{}", naming.table);
        let emptied = places(kinds[0]).iter().filter(|p| p.table == naming.table).flat_map(|p| p.columns);
        let emptied = emptied.filter(|(column, with)| *column == naming.sha256 && matches!(with, Nothing | Null));
        assert_eq!(emptied.count(), 1, "{}", naming.table);
    }
}
