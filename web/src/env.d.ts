import 'vue-router'
import type { RouteLocationNormalizedLoaded } from 'vue-router'
import type { Permission } from '@/api/types'

declare module 'vue-router' {
  interface RouteMeta {
    /** Message key of the page's name: its tab, its breadcrumb's end, the document's title. */
    title?: string
    /** Message keys of what stands before the title in the breadcrumb. */
    crumbs?: string[]
    /** One of these rights opens the page; without it the page 403 is shown. */
    permission?: Permission[]
    /** Shown without the frame (sign-in, forced change of password). */
    bare?: boolean
    /** Shown without a session. */
    open?: boolean
    /** What makes two addresses the same tab; the path if it says nothing. */
    tabKey?: (route: RouteLocationNormalizedLoaded) => string
  }
}
