//! 信息维护: hospitals, banks with their card prefixes, illness classes.
//!
//! They are the whole society's: everybody reads them (inquire_records), whoever has maintain_records writes them. Nothing is
//! deleted: what is deactivated is offered no more. Each one goes out to Excel and comes in from it (`exchange`).
mod banks;
mod entries;
mod hospitals;
mod illnesses;
mod import;
mod sheets;
mod transfer;
mod upload;

use pinyin::ToPinyin;
use utoipa_axum::{router::OpenApiRouter, routes};

use huzhu_domain::dictionary::{Fault, MAX_NAME};

use crate::{
    app::App,
    exchange::{Stored, Written},
    platform::error::Problem,
    records,
};

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(hospitals::search))
        .routes(routes!(hospitals::create))
        .routes(routes!(hospitals::update))
        .routes(routes!(banks::search))
        .routes(routes!(banks::create))
        .routes(routes!(banks::update))
        .routes(routes!(banks::recognise))
        .routes(routes!(illnesses::search))
        .routes(routes!(illnesses::options))
        .routes(routes!(illnesses::create))
        .routes(routes!(illnesses::update))
        .routes(routes!(transfer::history))
        .routes(routes!(transfer::export))
        .routes(routes!(transfer::template))
        .merge(upload::routes())
}

/// Writes entries that aren't there yet, as an import does.
///
/// # Errors
/// When the database fails.
pub async fn keep<E: Stored<Scope = ()>>(tx: &sea_orm::DatabaseTransaction, entries: Vec<E>) -> Result<(), Problem> {
    let new: Vec<_> = entries.into_iter().map(|entry| Written { entry, before: None }).collect();
    let noted = E::write(tx, &(), &new).await?;
    Ok(records::note_all(tx, E::OBJECT, None, "", &noted).await?)
}

/// The first letters of a name's syllables, by which it is found.
#[must_use]
pub fn initials(name: &str) -> String {
    let letter = |c: char| match c.to_pinyin() {
        Some(syllable) => syllable.first_letter().chars().next(),
        None => c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase()),
    };
    name.chars().filter_map(letter).take(MAX_NAME).collect()
}

/// A fault by its field. The field `name` is a person's everywhere else, so its sentences say what is meant.
fn told(fault: &Fault) -> (String, String) {
    let code = match (fault.column, fault.code) {
        ("name", "required") => "name_required",
        ("name", "too_long") => "name_too_long",
        (_, code) => code,
    };
    (fault.column.to_owned(), code.to_owned())
}

/// 422 where an entry has faults.
fn refuse(faults: &[Fault]) -> Result<(), Problem> {
    if faults.is_empty() {
        return Ok(());
    }
    Err(Problem::invalid(faults.iter().map(told).collect()))
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_come_from_the_syllables() {
        for (name, found) in [
            ("哈尔滨医科大学附属第一医院", "hebykdxfsdyyy"),
            ("301医院", "301yy"),
            ("（北京）同仁 Hospital", "bjtrhospital"),
            ("😀", ""),
        ] {
            assert_eq!(initials(name), found);
        }
    }
}
