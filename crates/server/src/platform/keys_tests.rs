//! What keys sign and seal, and what they refuse.
use super::*;

fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("huzhu.key");
    std::fs::write(&path, text).unwrap();
    (dir, path)
}

#[test]
fn a_new_last_key_signs_and_the_old_one_still_verifies() {
    let (one, two) = ("1".repeat(64), "2".repeat(64));
    let (_dir, path) = written(&format!("k1:{one}\n"));
    let before = Ring::read(&path).unwrap();
    let old = before.sign(Purpose::Log, b"text");
    std::fs::write(&path, format!("# ours\nk1:{one}\n\nk2:{two}\n")).unwrap();
    let after = Ring::read(&path).unwrap();
    assert!(after.sign(Purpose::Log, b"text").starts_with("k2:"));
    assert!(after.has_signed(Purpose::Log, b"text", &old));
    assert!(!before.has_signed(Purpose::Log, b"text", &after.sign(Purpose::Log, b"text")));
    assert_eq!(before.mark("k1"), after.mark("k1"));
}

#[test]
fn a_signature_is_for_one_text_and_one_purpose() {
    let (_dir, path) = written(&format!("k1:{}\n", "a".repeat(64)));
    let ring = Ring::read(&path).unwrap();
    let signature = ring.sign(Purpose::Log, b"text");
    assert!(ring.has_signed(Purpose::Log, b"text", &signature));
    for (purpose, text, signature) in [
        (Purpose::Anchor, "text", signature.as_str()),
        (Purpose::Log, "texT", &signature),
        (Purpose::Log, "text", &signature[3..]),
        (Purpose::Log, "text", &signature.replace("k1", "k2")),
    ] {
        assert!(!ring.has_signed(purpose, text.as_bytes(), signature), "{purpose:?} {text} {signature}");
    }
}

#[test]
fn a_text_is_sealed_the_same_way_under_one_key_and_opened_by_all() {
    let (one, two) = ("1".repeat(64), "2".repeat(64));
    let (_dir, path) = written(&format!("k1:{one}\nk2:{two}\n"));
    let new = Ring::read(&path).unwrap();
    let old = new.clone().sealing_with("k1").unwrap();
    let (before, after) = (old.seal("110101199001011237"), new.seal("110101199001011237"));
    assert_eq!(before, old.seal("110101199001011237"));
    assert!(before.starts_with("k1:") && after.starts_with("k2:"), "{before} {after}");
    for stored in [&before, &after] {
        assert_eq!(new.unseal(stored).as_deref(), Some("110101199001011237"));
    }
    assert_eq!((new.seal(""), new.unseal("")), (String::new(), Some(String::new())));
    assert!(matches!(new.sealing_with("k3"), Err(KeyError::Foreign(name)) if name == "k3"));
}

#[test]
fn a_file_is_sealed_whole_and_opened_by_the_key_that_it_names() {
    let (one, two) = ("1".repeat(64), "2".repeat(64));
    let (_dir, path) = written(&format!("k1:{one}\nk2:{two}\n"));
    let new = Ring::read(&path).unwrap();
    let content = b"\x89PNG and more".repeat(1000);
    let sealed = new.clone().sealing_with("k1").unwrap().seal_file(&content).unwrap();
    assert!(is_sealed_file(&sealed) && sealed.starts_with(b"huzhu-sealed:k1:") && !is_sealed_file(&content));
    assert!(!sealed.windows(4).any(|w| w == b"\x89PNG"));
    assert_eq!(new.unseal_file(&sealed), Some(content.clone()));
    let mut bent = sealed.clone();
    *bent.last_mut().unwrap() ^= 1;
    for stored in [&bent, &sealed[..sealed.len() - 1], &content, b"huzhu-sealed:k3:".as_slice()] {
        assert_eq!(new.unseal_file(stored), None);
    }
}

#[test]
fn what_was_not_sealed_or_was_changed_is_not_opened() {
    let (_dir, path) = written(&format!("k1:{}\n", "a".repeat(64)));
    let ring = Ring::read(&path).unwrap();
    let sealed = ring.seal("13800000000");
    let other = if sealed.ends_with('A') { "B" } else { "A" };
    for stored in [
        "13800000000",
        "k1:",
        "k1:AAAA",
        "k2:AAAA",
        &sealed[3..],
        &format!("{}{other}", &sealed[..sealed.len() - 1]),
        &sealed.replace("k1", "k2"),
    ] {
        assert_eq!(ring.unseal(stored), None, "{stored}");
    }
}

#[test]
fn what_is_no_key_file_is_refused_with_its_line() {
    for (text, line) in
        [("k1:12", 1), ("\nk1", 2), ("k1:zz", 1), (&format!("{0}\n{0}", format!("k1:{}", "a".repeat(64))), 2)]
    {
        let (_dir, path) = written(text);
        assert!(matches!(Ring::read(&path), Err(KeyError::Line(_, n)) if n == line), "{text}");
    }
    let (_dir, path) = written("# nothing\n");
    assert!(matches!(Ring::read(&path), Err(KeyError::Empty(_))));
}

#[test]
fn a_file_is_made_once_and_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("huzhu.key");
    let made = Ring::read_or_make(&path).unwrap();
    assert_eq!(made, Ring::read_or_make(&path).unwrap());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}
