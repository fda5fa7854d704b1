/** The one function of npm `solc` that is used here: standard JSON in, standard JSON out. */
declare module 'solc' {
  const solc: { readonly compile: (input: string) => string; readonly version: () => string };
  export default solc;
}
