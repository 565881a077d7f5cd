import { render } from 'preact';

/** The console's page: everything it shows comes from the API of `contract.ts`. */
function Console() {
  return <main>kube-courier</main>;
}

const root = document.getElementById('root');
if (root) render(<Console />, root);
