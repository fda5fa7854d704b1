/** What is used here of npm `@yowasp/clang`: LLVM's C compiler and linker, themselves compiled to WebAssembly. */
declare module '@yowasp/clang' {
  type Tree = { readonly [name: string]: Tree | string | Uint8Array };
  /** Runs the driver on files of a virtual folder; the result is that folder afterwards. Null only loads it. */
  export const runClang: (
    argv: readonly string[] | null,
    files: Tree,
    options?: {
      readonly stdout?: (bytes: Uint8Array | null) => void;
      readonly stderr?: (bytes: Uint8Array | null) => void;
      /** False: files of the result stay bytes, even where all are ASCII. */
      readonly decodeASCII?: boolean;
      readonly fetchProgress?: (event: object) => void;
    },
  ) => Promise<{ readonly [name: string]: unknown } | undefined>;
}
