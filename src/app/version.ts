/** The version of this program, as it names itself to AWS and in its answers. A test holds it against package.json. */
export const version = '0.1.0'
