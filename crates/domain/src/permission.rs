//! Rights (权限) and the built-in roles (角色) that bundle them. A route names the right it needs, never a role.
use crate::money::Fen;

code_enum! {
    /// One thing that somebody may do, within their branch of the organisation.
    Permission {
        /// 申领受理: query coverages, accept claims, delete a case before its first submit.
        AcceptClaims,
        /// 材料上传: add and remove pictures, confirm that they are complete.
        UploadMaterials,
        /// 费用录入: take a case, enter payee, incident and statements, compute, submit.
        EnterExpenses,
        /// 申领初审: approve, return or deny what somebody else entered.
        FirstReview,
        /// 申领复审: approve, return or deny what somebody else approved at 申领初审.
        SecondReview,
        /// 支付: confirm that approved cases were paid.
        ConfirmPayments,
        /// 申领查询: find closed cases and see them whole.
        InquireCases,
        /// 导出: take what an inquiry found out of the system as a file.
        ExportCases,
        /// Give back a case that somebody else holds (释放).
        ManagePool,
        /// 保障活动: write drafts of plan versions, try them, propose them.
        ManagePlans,
        /// 发布: put into force what somebody else proposed, or send it back.
        PublishPlans,
        /// 机构维护: make, rename, move and deactivate nodes of one's branch.
        ManageOrgs,
        /// 用户与角色: make users of one's branch, give them rights, lock them out.
        ManageUsers,
        /// 参保入会, 信息采集: make batches, upload rosters, confirm them.
        EnrolMembers,
        /// 到账确认: confirm that the fee of a batch has arrived, or send the batch back.
        ConfirmFees,
        /// 变更申请: ask for a change of a member, a coverage or a bank account.
        RequestChanges,
        /// 变更审核: put into effect what somebody else asked for, or refuse it.
        ApproveChanges,
        /// 信息维护: hospitals, banks, illness classes.
        MaintainRecords,
        /// 信息查询: members, coverages, enrolments, changes and cases of all stages.
        InquireRecords,
        /// 公告: tell one's branch something.
        PublishNotices,
        /// 日志查询: who did, or tried to do, what in one's branch.
        InspectLogs,
        /// 完整号码: ID numbers, telephone numbers and bank accounts whole, for somebody who only looks.
        SeeNumbers,
    }
}

code_enum! {
    /// The built-in roles.
    Role {
        /// 单位操作员: the employer's clerk.
        UnitOperator,
        /// 经办: the office's handler.
        Handler,
        /// 初审: the first reviewer.
        FirstReviewer,
        /// 复审: the senior reviewer.
        SecondReviewer,
        /// 财务: the cashier.
        Cashier,
        /// 管理员: looks after people, pools and plans, decides on no case and pays none.
        Admin,
    }
}

impl Role {
    /// The rights that the role bundles.
    #[must_use]
    pub const fn permissions(self) -> &'static [Permission] {
        use Permission as P;
        match self {
            Self::UnitOperator | Self::Handler => &[
                P::AcceptClaims,
                P::UploadMaterials,
                P::EnterExpenses,
                P::InquireCases,
                P::ExportCases,
                P::EnrolMembers,
                P::RequestChanges,
                P::InquireRecords,
            ],
            Self::FirstReviewer => {
                &[P::FirstReview, P::InquireCases, P::ExportCases, P::ApproveChanges, P::InquireRecords]
            }
            Self::SecondReviewer => &[
                P::FirstReview,
                P::SecondReview,
                P::InquireCases,
                P::ExportCases,
                P::ApproveChanges,
                P::InquireRecords,
                P::SeeNumbers,
            ],
            Self::Cashier => &[P::ConfirmPayments, P::InquireCases, P::ExportCases, P::ConfirmFees, P::InquireRecords],
            Self::Admin => &[
                P::InquireCases,
                P::ExportCases,
                P::ManagePool,
                P::ManagePlans,
                P::PublishPlans,
                P::ManageOrgs,
                P::ManageUsers,
                P::MaintainRecords,
                P::InquireRecords,
                P::PublishNotices,
                P::InspectLogs,
            ],
        }
    }
}

/// The rights of all of somebody's roles, each once.
#[must_use]
pub fn rights_of(roles: &[Role]) -> Vec<Permission> {
    all_rights(roles, &[])
}

/// The rights of somebody's built-in roles and of the branch's own roles, each once.
#[must_use]
pub fn all_rights(roles: &[Role], own: &[Permission]) -> Vec<Permission> {
    let mut rights: Vec<Permission> = roles.iter().flat_map(|r| r.permissions()).chain(own).copied().collect();
    rights.sort_unstable();
    rights.dedup();
    rights
}

impl Permission {
    /// Whether whoever has the right works with ID numbers, telephone numbers and bank accounts, so that they are shown whole: what
    /// is typed off, compared with a photo or paid to can't be a row of asterisks.
    #[must_use]
    pub const fn shows_numbers(self) -> bool {
        matches!(
            self,
            Self::SeeNumbers
                | Self::AcceptClaims
                | Self::UploadMaterials
                | Self::EnterExpenses
                | Self::FirstReview
                | Self::SecondReview
                | Self::ConfirmPayments
                | Self::EnrolMembers
                | Self::RequestChanges
                | Self::ApproveChanges
        )
    }

    /// Whether the right is one over the system itself (organisation, people, plans, records, notices), not over a step
    /// of the work on claims and memberships.
    #[must_use]
    pub const fn is_administrative(self) -> bool {
        matches!(
            self,
            Self::ManagePool
                | Self::ManagePlans
                | Self::PublishPlans
                | Self::ManageOrgs
                | Self::ManageUsers
                | Self::MaintainRecords
                | Self::PublishNotices
                | Self::InspectLogs
        )
    }
}

/// The largest benefit that somebody may grant alone by a right (审批限额): the best of their roles counts, and a role without a
/// limit is the best. None: no limit.
#[must_use]
pub fn limit_of(right: Permission, roles: &[Role], own: &[(Permission, Option<Fen>)]) -> Option<Fen> {
    if roles.iter().any(|r| r.permissions().contains(&right)) {
        return None;
    }
    let limits = own.iter().filter(|(p, _)| *p == right).map(|(_, limit)| *limit);
    // Nobody asks about the limit of a right that isn't there.
    limits.reduce(|a, b| Some(a?.max(b?))).flatten()
}

/// Whether somebody with the rights `own` may give `right` to somebody else. An administrator of users holds the
/// working rights in trust; an administrative right only who has it can give.
#[must_use]
pub fn may_give(own: &[Permission], right: Permission) -> bool {
    own.contains(&Permission::ManageUsers) && (!right.is_administrative() || own.contains(&right))
}

/// The rights among `rights` that somebody with the rights `own` may not give, in the order of the list.
#[must_use]
pub fn beyond(own: &[Permission], rights: &[Permission]) -> Vec<Permission> {
    rights.iter().copied().filter(|r| !may_give(own, *r)).collect()
}

/// Duties of which one person may have at most one (岗位分离).
const APART: [&[Permission]; 4] = [
    &[Permission::EnterExpenses, Permission::FirstReview, Permission::ConfirmPayments],
    // Both reviews may lie in one hand: no case goes through it twice.
    &[Permission::EnterExpenses, Permission::SecondReview, Permission::ConfirmPayments],
    &[Permission::EnrolMembers, Permission::ConfirmFees],
    &[Permission::RequestChanges, Permission::ApproveChanges],
];

/// The duties that these rights join though they must stay apart; empty where they join none.
#[must_use]
pub fn joined_duties(rights: &[Permission]) -> Vec<Permission> {
    let held = |group: &&[Permission]| group.iter().copied().filter(|p| rights.contains(p)).collect::<Vec<_>>();
    let mut out = Vec::new();
    for right in APART.iter().map(held).filter(|held| held.len() > 1).flatten() {
        if !out.contains(&right) {
            out.push(right);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn nobody_enters_and_reviews_and_pays_by_one_role() {
        for role in Role::iter() {
            assert_eq!(joined_duties(role.permissions()), [], "{role} joins duties that must stay apart");
        }
    }

    #[test]
    fn duties_that_must_stay_apart_are_named_however_they_come_together() {
        use Permission as P;
        let cases: [(&[Permission], &[Permission]); 9] = [
            (&[P::FirstReview, P::SecondReview], &[]),
            (&[P::SecondReview, P::ConfirmPayments], &[P::SecondReview, P::ConfirmPayments]),
            (&[P::EnterExpenses, P::AcceptClaims, P::EnrolMembers, P::RequestChanges], &[]),
            (&[P::FirstReview, P::EnrolMembers, P::RequestChanges], &[]),
            (&[P::FirstReview, P::EnterExpenses], &[P::EnterExpenses, P::FirstReview]),
            (&[P::ConfirmPayments, P::FirstReview, P::InquireCases], &[P::FirstReview, P::ConfirmPayments]),
            (&[P::EnrolMembers, P::ConfirmFees], &[P::EnrolMembers, P::ConfirmFees]),
            (&[P::ApproveChanges, P::RequestChanges], &[P::RequestChanges, P::ApproveChanges]),
            (
                &[P::EnrolMembers, P::ConfirmFees, P::EnterExpenses, P::ConfirmPayments],
                &[P::EnterExpenses, P::ConfirmPayments, P::EnrolMembers, P::ConfirmFees],
            ),
        ];
        for (rights, joined) in cases {
            assert_eq!(joined_duties(rights), joined, "{rights:?}");
        }
        assert!(!joined_duties(&rights_of(&[Role::Handler, Role::Cashier])).is_empty());
        assert!(joined_duties(&rights_of(&[Role::Handler, Role::Admin])).is_empty());
    }

    #[test]
    fn who_looks_after_users_gives_working_rights_in_trust_and_of_administration_only_what_is_held() {
        use Permission as P;
        let admin = Role::Admin.permissions();
        let cases: [(&[Permission], Permission, bool); 9] = [
            (admin, P::AcceptClaims, true),
            (admin, P::ConfirmPayments, true),
            (admin, P::ManageUsers, true),
            (&[P::ManageUsers], P::ApproveChanges, true),
            (&[P::ManageUsers], P::ManageUsers, true),
            (&[P::ManageUsers], P::ManageOrgs, false),
            (&[P::ManageUsers, P::ManagePlans], P::PublishPlans, false),
            (&[P::ManageUsers, P::ManagePlans], P::ManagePlans, true),
            (&[P::AcceptClaims, P::ManagePool], P::AcceptClaims, false),
        ];
        for (own, right, may) in cases {
            assert_eq!(may_give(own, right), may, "{own:?} gives {right}");
        }
        for right in Permission::iter() {
            assert!(may_give(admin, right), "the administrator gives {right}");
            assert!(!may_give(Role::Cashier.permissions(), right), "a cashier gives {right}");
        }
        let wanted = [P::AcceptClaims, P::PublishPlans, P::ManageOrgs];
        assert_eq!(beyond(&[P::ManageUsers], &wanted), [P::PublishPlans, P::ManageOrgs]);
    }

    #[test]
    fn who_works_on_people_sees_their_numbers_and_who_looks_after_the_system_does_not() {
        for role in Role::iter() {
            let sees = role.permissions().iter().any(|p| p.shows_numbers());
            assert_eq!(sees, role != Role::Admin, "{role}");
        }
        let looks =
            [Permission::InquireCases, Permission::InquireRecords, Permission::ExportCases, Permission::InspectLogs];
        assert!(!looks.iter().any(|p| p.shows_numbers()));
    }

    #[test]
    fn every_right_is_in_some_role() {
        for right in Permission::iter() {
            assert!(Role::iter().any(|r| r.permissions().contains(&right)), "{right} is in no role");
        }
    }

    #[test]
    fn the_best_of_somebodys_roles_is_the_limit() {
        use Permission::{FirstReview, SecondReview};
        let junior = (SecondReview, Some(Fen(500_000)));
        for (roles, own, limit) in [
            (&[][..], &[junior][..], Some(Fen(500_000))),
            (&[], &[junior, (SecondReview, Some(Fen(900_000))), (FirstReview, None)], Some(Fen(900_000))),
            (&[], &[junior, (SecondReview, None)], None),
            (&[Role::FirstReviewer], &[junior], Some(Fen(500_000))),
            (&[Role::SecondReviewer], &[junior], None),
        ] {
            assert_eq!(limit_of(SecondReview, roles, own), limit, "{roles:?} {own:?}");
        }
    }
}
