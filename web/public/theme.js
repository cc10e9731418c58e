// Before the first paint: a clerk who works in the dark theme must not be dazzled by a white page.
(function () {
  var kept = localStorage.getItem('huzhu.theme')
  var dark = kept ? kept === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
  document.documentElement.classList.toggle('dark', dark)
})()
