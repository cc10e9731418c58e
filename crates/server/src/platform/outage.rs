//! What it means that the database, the disk or the store of files failed: whether somebody has to make room, or it comes back by itself.
use std::{error::Error, io};

use sea_orm::{DbErr, RuntimeErr, sqlx};

/// How something we stand on is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// It can't be written: full, read-only, broken. Nothing was kept; somebody must see to it.
    Unwritable,
    /// It doesn't answer at the moment.
    Away,
}

impl Outage {
    /// What a failure of the database says; None where it is our own fault.
    #[must_use]
    pub fn of_database(error: &DbErr) -> Option<Self> {
        match error {
            DbErr::ConnectionAcquire(_) => Some(Self::Away),
            DbErr::Conn(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)) => Self::of_sqlx(error),
            DbErr::Conn(_) => Some(Self::Away),
            _ => None,
        }
    }

    fn of_sqlx(error: &sqlx::Error) -> Option<Self> {
        match error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Some(Self::Away)
            }
            // What a proxy without a database behind it ends in the middle of a greeting.
            sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => Some(Self::Away),
            sqlx::Error::Database(error) => Self::of_code(&error.code()?),
            _ => None,
        }
    }

    /// The classes of SQLSTATE, and SQLite's codes, whose last byte is the kind.
    fn of_code(code: &str) -> Option<Self> {
        /// `READONLY`, `IOERR`, `FULL`, `CANTOPEN`.
        const UNWRITABLE: [u32; 4] = [8, 10, 13, 14];
        /// `BUSY`, `LOCKED`: another process held the file too long.
        const AWAY: [u32; 2] = [5, 6];
        match code {
            // Disk full; a read-only server; an input/output error.
            "53100" | "25006" | "58030" => Some(Self::Unwritable),
            // A lock that others held too long; of two who waited for each other one; a replica that moved on; a transaction left open.
            "55P03" | "40P01" | "40001" | "25P03" => Some(Self::Away),
            // Out of connections or memory; going down or coming up; cancelled for taking too long; a connection broke.
            _ if code.len() == 5 => {
                ["53", "57", "08"].iter().any(|class| code.starts_with(class)).then_some(Self::Away)
            }
            _ => {
                let kind = code.parse::<u32>().ok()? & 0xff;
                if UNWRITABLE.contains(&kind) {
                    return Some(Self::Unwritable);
                }
                AWAY.contains(&kind).then_some(Self::Away)
            }
        }
    }

    /// What a failure of the disk says.
    #[must_use]
    pub fn of_disk(error: &io::Error) -> Option<Self> {
        use io::ErrorKind::{FileTooLarge, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        let kinds = [StorageFull, QuotaExceeded, ReadOnlyFilesystem, FileTooLarge, PermissionDenied];
        kinds.contains(&error.kind()).then_some(Self::Unwritable)
    }

    /// What a failure of the store of files says. Whether it may pass can't be asked any more: whoever tried again and gave up has
    /// marked it as lasting. What isn't the disk's and has no kind of its own is the way to the store, or the store itself.
    #[must_use]
    pub fn of_store(error: &opendal::Error) -> Option<Self> {
        use opendal::ErrorKind::{RateLimited, Unexpected};
        let passes =
            error.is_temporary() || (error.is_persistent() && matches!(error.kind(), RateLimited | Unexpected));
        Self::within(error).or_else(|| passes.then_some(Self::Away))
    }

    /// What a failure says that the disk may be behind.
    #[must_use]
    pub fn within(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            let outage = error.downcast_ref::<io::Error>().and_then(Self::of_disk);
            if outage.is_some() {
                return outage;
            }
            cause = error.source();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_full_is_told_from_what_is_away_and_from_our_own_faults() {
        for (code, outage) in [
            ("13", Some(Outage::Unwritable)),
            ("8", Some(Outage::Unwritable)),
            ("1032", Some(Outage::Unwritable)),
            ("778", Some(Outage::Unwritable)),
            ("5", Some(Outage::Away)),
            ("517", Some(Outage::Away)),
            ("1", None),
            ("2067", None),
            ("53100", Some(Outage::Unwritable)),
            ("25006", Some(Outage::Unwritable)),
            ("53300", Some(Outage::Away)),
            ("57014", Some(Outage::Away)),
            ("57P01", Some(Outage::Away)),
            ("08006", Some(Outage::Away)),
            ("55P03", Some(Outage::Away)),
            ("40P01", Some(Outage::Away)),
            ("23505", None),
            ("42601", None),
        ] {
            assert_eq!(Outage::of_code(code), outage, "{code}");
        }
        assert_eq!(Outage::of_sqlx(&sqlx::Error::Protocol("no answer to SSLRequest".into())), Some(Outage::Away));
        assert_eq!(Outage::of_sqlx(&sqlx::Error::RowNotFound), None);
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert_eq!(Outage::of_disk(&full), Some(Outage::Unwritable));
        let wrapped = opendal::Error::new(opendal::ErrorKind::Unexpected, "write").set_source(full);
        assert_eq!(Outage::of_store(&wrapped), Some(Outage::Unwritable));
        let given_up = |kind| opendal::Error::new(kind, "send").set_temporary().set_persistent();
        assert_eq!(Outage::of_store(&given_up(opendal::ErrorKind::Unexpected)), Some(Outage::Away));
        assert_eq!(Outage::of_store(&given_up(opendal::ErrorKind::PermissionDenied)), None);
        assert_eq!(Outage::of_disk(&io::Error::from(io::ErrorKind::NotFound)), None);
    }
}
