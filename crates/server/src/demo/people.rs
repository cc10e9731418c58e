//! Who works in the demonstration besides those that the sign-in page shows.
use std::collections::HashMap;

use huzhu_domain::{
    case::Limits,
    ids::{OrgId, UserId},
    permission::{self, Role},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    app::App,
    entity::{org, user, user_role},
    orgs::users::{self, NewUser},
    platform::{auth::Me, clock, error::Problem, messages::Locale},
};

/// People besides those that the sign-in page shows, so that every branch has somebody.
const OTHERS: [(&str, &str, Role, &str); 12] = {
    use Role::{Cashier, FirstReviewer, Handler, SecondReviewer};
    [
        ("handler2", "吴桂芳", Handler, "2301"),
        ("handler-qqhe", "罗建军", Handler, "2302"),
        ("review-hlj", "高志强", FirstReviewer, "2300"),
        ("review3", "程静怡", SecondReviewer, "2300"),
        ("handler-bj", "林静", Handler, "1101"),
        ("review-bj", "郑洁", FirstReviewer, "1100"),
        ("cashier-bj", "何伟", Cashier, "1100"),
        ("cashier-bj2", "冯涛", Cashier, "1100"),
        ("handler-sd", "谢勇", Handler, "3701"),
        ("review-sd", "宋丽", FirstReviewer, "3700"),
        ("cashier-sd", "梁超", Cashier, "3700"),
        ("cashier-sd2", "董敏", Cashier, "3700"),
    ]
};

/// Makes them.
///
/// # Errors
/// When the database fails.
pub(super) async fn add(app: &App, password_hash: &str) -> Result<(), Problem> {
    let tx = app.db.begin().await?;
    let units = org::Entity::find()
        .filter(org::Column::AgencyId.is_not_null())
        .order_by_asc(org::Column::Code)
        .all(&tx)
        .await?;
    let clerks = units.into_iter().filter(|o| o.code.len() == 8 && o.code != "23010001");
    let clerks = clerks.map(|o| (format!("unit{}", o.code), format!("{}经办人", &o.name), Role::UnitOperator, o.code));
    let others = OTHERS.map(|(u, n, r, o)| (u.to_owned(), n.to_owned(), r, o.to_owned()));
    for (username, name, role, org_code) in others.into_iter().chain(clerks) {
        let new = NewUser { username, name, org_code, roles: vec![role] };
        users::insert(&tx, &new, password_hash.to_owned(), false).await.map_err(Problem::internal)?;
    }
    tx.commit().await?;
    Ok(())
}

/// Everybody, as somebody who acts.
///
/// # Errors
/// When the database fails.
pub(super) async fn all(app: &App) -> Result<HashMap<String, Me>, Problem> {
    let users = user::Entity::find().all(app.db.read()).await?;
    let orgs = org::Entity::find().all(app.db.read()).await?;
    let roles = user_role::Entity::find().all(app.db.read()).await?;
    let me = |user: user::Model| {
        let org = orgs.iter().find(|o| o.id == user.org_id)?.clone();
        let roles: Vec<Role> = roles.iter().filter(|r| r.user_id == user.id).map(|r| r.role.0).collect();
        let me = Me {
            id: UserId(user.id),
            username: user.username.clone(),
            name: user.name,
            permissions: permission::rights_of(&roles),
            limits: Limits::default(),
            stands_in_for: Vec::new(),
            roles,
            org_id: OrgId(org.id),
            org_name: org.name,
            org_kind: org.kind.0,
            must_change_password: false,
            second_factor: false,
            must_set_second_factor: false,
            expires_at: clock::now(),
            token_hash: String::new(),
            locale: Locale::ZhCn,
        };
        Some((user.username, me))
    };
    Ok(users.into_iter().filter_map(me).collect())
}
