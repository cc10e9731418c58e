export default {
  title: '机构维护',
}
