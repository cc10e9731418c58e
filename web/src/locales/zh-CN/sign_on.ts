// 单点登录: signing in by the society's identity provider.
export default {
  or: '或', by: '用{name}登录', done_title: '登录成功', done: '您已登录，请回到原来的页面继续。', other: '登录的是另一位用户，请用 {name} 的账号登录，或退出。', again: '也可以在新页面中用{name}登录，再回到这里。',
  refused: {
    unreachable: '{name}暂时没有响应，请稍后再试，或用密码登录。', cancelled: '您取消了{name}。', stale: '登录等待时间过长，或不是在本浏览器发起的，请重新登录。', wrong: '{name}的答复无法核实，请重新登录；仍不行的，请联系管理员。',
    unknown: '系统中没有与您在{name}的用户名对应的在用账号，请联系管理员。', bound: '该用户名已绑定{name}中的另一个人，请联系管理员解除绑定。', second_factor: '您的账号要求二次验证，而{name}这次没有要求，请用密码登录，或联系管理员。',
  },
}
