export default {
  title: '公告通知',
  messages: '通知', notices: '公告', notice: '公告详情', board: '公告管理', bell: '公告通知，{n} 条未读', all: '查看全部', no_messages: '没有通知', no_notices: '没有公告',
  state: '状态', content: '内容', at: '时间', unread: '未读', read: '已读', read_all: '全部已读', marked: '已全部标为已读',
  subject: '标题', org: '发布范围', author: '发布人', published_at: '发布时间', pinned: '置顶', pin: '置顶显示', shown: '显示日期', shown_from: '开始日期', shown_to: '结束日期', no_end: '长期',
  text: '标题/内容', published: '已发布', withdrawn: '已撤回', waiting: '未到日期', showing: '显示中', past: '已到期', new: '发布公告', publish: '发布', publish_done: '公告已发布', board_empty: '还没有公告，可点“发布公告”',
  withdraw: '撤回', withdraw_confirm: '撤回公告“{title}”？撤回后不再显示，不能恢复。', withdraw_done: '公告已撤回', reason: '撤回原因', reason_wrong: '请填写撤回原因，最多200个字', unsaved: '公告还没有发布，确定关闭?',
  org_hint: '不选择时为 {name} 的全部下级。所选机构及其下级的人员都能看到。',
}
