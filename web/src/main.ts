import 'element-plus/theme-chalk/el-message.css'
import 'element-plus/theme-chalk/el-message-box.css'
import 'element-plus/theme-chalk/el-overlay.css'
import 'element-plus/theme-chalk/dark/css-vars.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/element.css'
import { createApp } from 'vue'
import App from './App.vue'
import { connectSession } from './api/client'
import { signInAgain } from './frame/session'
import { i18n, keptLocale, setLocale } from './locales'
import { router } from './router'

connectSession({ signInAgain, changePassword: () => void router.push('/profile') })
await setLocale(keptLocale())
createApp(App).use(i18n).use(router).mount('#app')
