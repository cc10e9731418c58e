// A feature that brings its own pages and its own group of the menu: features/*/routes.ts.
import type { Component } from 'vue'
import type { RouteRecordRaw } from 'vue-router'
import type { Permission, PoolCounts } from '@/api/types'

export interface Entry { path: string; title: string; icon: Component; permission?: Permission[]; count?: (c: PoolCounts) => number | null | undefined }

export interface Feature {
  /** Where the group stands in the menu. */
  order: number
  /** The group's name. */
  title: string
  pages: RouteRecordRaw[]
  menu: Entry[]
}

const found = import.meta.glob<Feature>('../features/*/routes.ts', { eager: true, import: 'default' })

/** All of them, in the menu's order. */
export const FEATURES: Feature[] = Object.values(found).sort((a, b) => a.order - b.order)
