import { Button, createTheme, Modal } from '@mantine/core'

/** Sizes and habits; colours come from the tokens by style sheet, for the library's own shades fail AA. */
export const theme = createTheme({
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'IBM Plex Mono', ui-monospace, monospace",
  autoContrast: false,
  components: {
    Button: Button.extend({ defaultProps: { size: 'compact-sm', variant: 'default' } }),
    // Locking the page's scroll would inject a style element, which the content security policy refuses.
    Modal: Modal.extend({ defaultProps: { lockScroll: false, centered: true, transitionProps: { duration: 0 } } }),
  },
})
