/** Compiles a WebAssembly module, while it arrives where the server names its type. */
export async function compile(url: string | URL, name: string): Promise<{ module: WebAssembly.Module }> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${name}: status ${response.status}`);
  const streams = response.headers.get('Content-Type') === 'application/wasm';
  const module = streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
  return { module: await module };
}
