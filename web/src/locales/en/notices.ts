export default {
  title: 'Notices',
  messages: 'Messages', notices: 'Notices', notice: 'Notice', board: 'Notice board', bell: 'Notices and messages, {n} unread', all: 'View all', no_messages: 'No messages', no_notices: 'No notices',
  state: 'State', content: 'Text', at: 'Time', unread: 'Unread', read: 'Read', read_all: 'Mark all as read', marked: 'All marked as read',
  subject: 'Title', org: 'For', author: 'By', published_at: 'Published', pinned: 'Pinned', pin: 'Pin to the top', shown: 'Shown', shown_from: 'From', shown_to: 'To', no_end: 'No end',
  text: 'Title, text', published: 'Published', withdrawn: 'Withdrawn', waiting: 'Not yet', showing: 'Shown', past: 'Over', new: 'New notice', publish: 'Publish', publish_done: 'Notice published', board_empty: 'No notices yet: press New notice',
  withdraw: 'Withdraw', withdraw_confirm: 'Withdraw the notice “{title}”? It will not be shown any more, and can’t be brought back.', withdraw_done: 'Notice withdrawn', reason: 'Reason', reason_wrong: 'A reason of at most 200 characters', unsaved: 'The notice isn’t published yet. Close?',
  org_hint: 'Without a choice: everybody under {name}. Whoever works in the chosen office or below it reads the notice.',
}
