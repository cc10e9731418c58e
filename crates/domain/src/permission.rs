//! Rights (权限) and the built-in roles (角色) that bundle them. A route names the right it needs, never a role.

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
            Self::FirstReviewer | Self::SecondReviewer => {
                &[P::FirstReview, P::InquireCases, P::ExportCases, P::ApproveChanges, P::InquireRecords]
            }
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

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn nobody_enters_and_reviews_and_pays_by_one_role() {
        for role in Role::iter() {
            let deciding = role.permissions().iter().filter(|p| {
                matches!(p, Permission::EnterExpenses | Permission::FirstReview | Permission::ConfirmPayments)
            });
            assert!(deciding.count() <= 1, "{role} joins duties that must stay apart");
        }
    }

    #[test]
    fn every_right_is_in_some_role() {
        for right in Permission::iter() {
            assert!(Role::iter().any(|r| r.permissions().contains(&right)), "{right} is in no role");
        }
    }
}
