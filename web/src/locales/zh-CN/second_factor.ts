// 二次验证: an authenticator besides the password.
export default {
  asked: '验证器显示的 6 位验证码',
  title: '二次验证', on: '已启用', off: '未启用', hint: '启用后，登录时除密码外还须输入手机验证器显示的 6 位验证码。', must: '您的角色须先设置二次验证，才能办理业务。',
  begin: '设置验证器', change: '更换验证器', scan: '用手机上的验证器（支持 TOTP 的应用均可）扫描二维码，再输入它显示的 6 位验证码。', qr: '验证器二维码', by_hand: '不能扫描的，手工输入密钥：',
  code: '验证码', password: '当前密码', set: '启用', done: '二次验证已启用', remove: '关闭二次验证', removed: '二次验证已关闭',
}
