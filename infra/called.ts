/** How people type the commands of this project in a clone. The npm package has another file in the place of this one. */
export const called = {
  ops: 'npm run -s ops --',
  start: 'npm start --',
  /** Without options. */
  sample: 'npm start',
  deploy: 'npx cdk deploy',
  /** What brings these commands up to date. */
  update: 'git pull and npm ci',
} as const;
