/** The progress of a long proof, on one line of a terminal. */

export interface Progress {
  show(progress: { readonly phase: string; readonly fraction: number }): void;
  /** Clears the line. */
  end(): void;
}

/** Shows nothing where the stream is no terminal. */
export function startProgress(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return { show() {}, end() {} };
  return {
    show({ phase, fraction }) {
      stream.write(`\r\u001b[Kproving: ${phase} ${Math.floor(100 * fraction)} %`);
    },
    end() {
      stream.write('\r\u001b[K');
    },
  };
}
