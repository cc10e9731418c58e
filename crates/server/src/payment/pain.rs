//! ISO 20022 pain.001.001.09, CustomerCreditTransferInitiation: one message, one payment information, a transaction an item.
use std::io;

use chrono::{DateTime, SecondsFormat, Utc};
use huzhu_domain::payment::{AmountUnit, FileLayout, FileValues, Total, amount_text};
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};

use crate::{
    entity::payment_batch,
    platform::{clock, error::Problem},
};

/// The namespace of the message.
const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";

type Xml = Writer<Vec<u8>>;

/// The message.
///
/// # Errors
/// 422 where the office's own account isn't known: the message names it.
pub(super) fn document(
    layout: &FileLayout,
    batch: &payment_batch::Model,
    rows: &[FileValues<'_>],
    total: Total,
) -> Result<Vec<u8>, Problem> {
    if layout.payer_name.is_empty() || layout.payer_account.is_empty() {
        return Err(Problem::refused(&["payer_missing"]));
    }
    let released_at = batch.released_at.unwrap_or(batch.made_at);
    write(layout, &batch.no, released_at, rows, total).map_err(Problem::internal)
}

fn write(
    layout: &FileLayout,
    no: &str,
    at: DateTime<Utc>,
    rows: &[FileValues<'_>],
    total: Total,
) -> io::Result<Vec<u8>> {
    let sum = amount_text(total.sum_fen, AmountUnit::Yuan);
    let count = total.count.to_string();
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element("Document").with_attribute(("xmlns", NAMESPACE)).write_inner_content(|xml| {
        group(xml, &["CstmrCdtTrfInitn"], |xml| {
            group(xml, &["GrpHdr"], |xml| {
                text(xml, "MsgId", no)?;
                text(xml, "CreDtTm", &at.to_rfc3339_opts(SecondsFormat::Secs, true))?;
                text(xml, "NbOfTxs", &count)?;
                text(xml, "CtrlSum", &sum)?;
                group(xml, &["InitgPty"], |xml| text(xml, "Nm", &layout.payer_name))
            })?;
            group(xml, &["PmtInf"], |xml| {
                text(xml, "PmtInfId", no)?;
                text(xml, "PmtMtd", "TRF")?;
                text(xml, "NbOfTxs", &count)?;
                text(xml, "CtrlSum", &sum)?;
                group(xml, &["ReqdExctnDt"], |xml| text(xml, "Dt", &clock::day_of(at).to_string()))?;
                group(xml, &["Dbtr"], |xml| text(xml, "Nm", &layout.payer_name))?;
                group(xml, &["DbtrAcct"], |xml| {
                    group(xml, &["Id", "Othr"], |xml| text(xml, "Id", &layout.payer_account))?;
                    text(xml, "Ccy", "CNY")
                })?;
                agent(xml, "DbtrAgt", &layout.payer_bank)?;
                rows.iter().try_for_each(|row| transaction(xml, layout, row))
            })
        })
    })?;
    let mut out = xml.into_inner();
    out.push(b'\n');
    Ok(out)
}

fn transaction(xml: &mut Xml, layout: &FileLayout, row: &FileValues<'_>) -> io::Result<()> {
    group(xml, &["CdtTrfTxInf"], |xml| {
        group(xml, &["PmtId"], |xml| {
            text(xml, "InstrId", row.reference)?;
            text(xml, "EndToEndId", row.reference)
        })?;
        group(xml, &["Amt"], |xml| {
            let amount = amount_text(row.amount, AmountUnit::Yuan);
            let element = xml.create_element("InstdAmt").with_attribute(("Ccy", "CNY"));
            element.write_text_content(BytesText::new(&amount)).map(|_| ())
        })?;
        agent(xml, "CdtrAgt", row.bank_name)?;
        group(xml, &["Cdtr"], |xml| text(xml, "Nm", row.payee_name))?;
        group(xml, &["CdtrAcct", "Id", "Othr"], |xml| text(xml, "Id", row.account_no))?;
        group(xml, &["RmtInf"], |xml| text(xml, "Ustrd", format!("{} {}", layout.purpose, row.case_no).trim()))
    })
}

/// A bank by its name; one without is said to be not provided, as the standard wants.
fn agent(xml: &mut Xml, tag: &str, name: &str) -> io::Result<()> {
    group(xml, &[tag, "FinInstnId"], |xml| {
        if name.trim().is_empty() {
            group(xml, &["Othr"], |xml| text(xml, "Id", "NOTPROVIDED"))
        } else {
            text(xml, "Nm", name)
        }
    })
}

/// Elements in each other, around what `inner` writes.
fn group(xml: &mut Xml, tags: &[&str], inner: impl FnOnce(&mut Xml) -> io::Result<()>) -> io::Result<()> {
    let Some((tag, rest)) = tags.split_first() else { return inner(xml) };
    xml.create_element(*tag).write_inner_content(|xml| group(xml, rest, inner)).map(|_| ())
}

/// An element with a text of at most 140 characters, without what XML can't hold.
fn text(xml: &mut Xml, tag: &str, text: &str) -> io::Result<()> {
    let fits: String =
        text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')).take(140).collect();
    xml.create_element(tag).write_text_content(BytesText::new(&fits)).map(|_| ())
}
