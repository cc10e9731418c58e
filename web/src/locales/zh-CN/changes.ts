export default {
  title: '变更管理',
}
