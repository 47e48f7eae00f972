/** Made from tokens.ts while building. */
declare module 'virtual:tokens.css'
