export default {
  title: '公告通知',
}
