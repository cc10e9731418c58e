//! 工作日历 and 时效: the days on which the society works, and how many working days a case may stay at each stage.
//!
//! The calendar is the whole society's: everybody reads it, who has maintain_records at the society writes it. A limit is the
//! society's or an office's (manage_orgs of its branch); what an office doesn't say the society says, else the program. Both
//! count at once, for cases on their way as well (`cases::deadlines`).
mod days;
mod limits;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(days::show_year))
        .routes(routes!(days::mark))
        .routes(routes!(days::history))
        .routes(routes!(limits::list))
        .routes(routes!(limits::set))
        .routes(routes!(limits::history))
}
