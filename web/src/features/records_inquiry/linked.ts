// What a figure asks of the list behind it and no field of the form does.
export const LINKED = ['open', 'direct', 'close_reason', 'submitted_from', 'submitted_to', 'returned_from', 'returned_to', 'begins_from', 'begins_to', 'passed'] as const
