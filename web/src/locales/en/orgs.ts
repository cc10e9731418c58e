export default {
  title: 'Organisation',
}
