export default {
  title: '信息维护',
}
