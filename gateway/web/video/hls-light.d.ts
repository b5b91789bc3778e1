// The smaller build comes without types of its own: what it has is typed like the whole.
declare module 'hls.js/light' {
  export { default } from 'hls.js'
}
