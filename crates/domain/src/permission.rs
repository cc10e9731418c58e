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
            Self::UnitOperator | Self::Handler => {
                &[P::AcceptClaims, P::UploadMaterials, P::EnterExpenses, P::InquireCases, P::ExportCases]
            }
            Self::FirstReviewer | Self::SecondReviewer => &[P::FirstReview, P::InquireCases, P::ExportCases],
            Self::Cashier => &[P::ConfirmPayments, P::InquireCases, P::ExportCases],
            Self::Admin => &[P::InquireCases, P::ExportCases, P::ManagePool, P::ManagePlans, P::PublishPlans],
        }
    }
}

/// The rights of all of somebody's roles, each once.
#[must_use]
pub fn rights_of(roles: &[Role]) -> Vec<Permission> {
    let mut rights: Vec<Permission> = roles.iter().flat_map(|r| r.permissions()).copied().collect();
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
