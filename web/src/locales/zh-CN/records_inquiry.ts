export default {
  title: '信息查询',
}
