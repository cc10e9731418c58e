//! The rights as types.
use huzhu_domain::permission::Permission;

/// A right as a type, so that a handler's signature says what it takes.
pub trait Right: Send + Sync + 'static {
    /// The rights of which one is enough; empty where any session will do.
    const ANY_OF: &'static [Permission];
}

macro_rules! rights {
    ($($name:ident),+ $(,)?) => {$(
        /// See the permission of the same name.
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl Right for $name {
            const ANY_OF: &'static [Permission] = &[Permission::$name];
        }
    )+};
}

rights!(
    AcceptClaims,
    ApproveChanges,
    ConfirmFees,
    ConfirmPayments,
    EnrolMembers,
    EnterExpenses,
    ExportCases,
    FirstReview,
    InquireCases,
    InquireRecords,
    InspectLogs,
    MaintainRecords,
    ManageOrgs,
    ManagePlans,
    ManagePool,
    ManageUsers,
    PublishNotices,
    PublishPlans,
    RequestChanges,
    SecondReview,
    UploadMaterials,
);

/// 退票: whoever entered the claim or pays it, and who decides about another account.
#[derive(Clone, Copy, Debug)]
pub struct SeeBounced;

impl Right for SeeBounced {
    const ANY_OF: &'static [Permission] =
        &[Permission::EnterExpenses, Permission::ConfirmPayments, Permission::ApproveChanges];
}

/// 账户更正: who asks for another account.
#[derive(Clone, Copy, Debug)]
pub struct CorrectAccounts;

impl Right for CorrectAccounts {
    const ANY_OF: &'static [Permission] = &[Permission::EnterExpenses, Permission::ConfirmPayments];
}

/// 账户更正: who decides about another account.
#[derive(Clone, Copy, Debug)]
pub struct ApproveAccounts;

impl Right for ApproveAccounts {
    const ANY_OF: &'static [Permission] = &[Permission::ConfirmPayments, Permission::ApproveChanges];
}

/// Any session: the move table asks for the right where there is one.
#[derive(Clone, Copy, Debug)]
pub struct Anything;

impl Right for Anything {
    const ANY_OF: &'static [Permission] = &[];
}
