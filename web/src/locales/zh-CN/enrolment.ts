export default {
  title: '参保入会',
}
