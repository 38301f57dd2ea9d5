// The development server's part of a page: it shows what is wrong with the program, and
// loads the page's data again when there is a new one. Not a part of the application.
(() => {
	if (window.__kit) return
	window.__kit = true
	let version = Number(document.currentScript.dataset.version) // of the program that made this page
	let source = null
	let closed = '' // the failure that was closed

	const host = document.createElement('kit-overlay')
	const root = host.attachShadow({ mode: 'open' })
	const element = (tag, text, ...children) => {
		const e = document.createElement(tag)
		if (text) e.textContent = text
		e.append(...children)
		return e
	}
	const style = element('style', `
		.screen { position: fixed; inset: 0; z-index: 2147483647; overflow: auto; background: rgb(15 15 20 / .92); color: #e5e5e5; font: 14px/1.5 ui-monospace, Menlo, Consolas, monospace; padding: 2rem; box-sizing: border-box }
		h1 { font: 600 1.2rem system-ui; color: #ff6b6b; margin: 0 0 1rem }
		li { margin: 0 0 1rem } ol { padding: 0; list-style: none }
		a { color: #7cc4ff; cursor: pointer } pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .3rem 0; color: #bbb }
		button { font: inherit; padding: .3rem .8rem; cursor: pointer }
		.close { position: fixed; top: 1rem; right: 1rem } .note { color: #999; font-size: 12px }
		.bar { position: fixed; bottom: 1rem; left: 50%; transform: translateX(-50%); z-index: 2147483646; max-width: 90vw; background: #222; color: #eee; font: 14px/1.5 system-ui; padding: .6rem 1rem; border-radius: .5rem; box-shadow: 0 2px 12px rgb(0 0 0 / .4) }
		.bar button { margin-left: .8rem } .bar pre { max-height: 40vh; overflow: auto }`)

	const screen = (state) => {
		const list = element('ol')
		for (const m of state.mistakes ?? []) {
			const place = m.file + ':' + m.line + (m.column ? ':' + m.column : '')
			const at = element(state.editor ? 'a' : 'span', place)
			if (state.editor) {
				at.title = 'Open in the editor'
				at.onclick = () => fetch('/_kit/vite/__open-in-editor?file=' + encodeURIComponent('../' + place))
			}
			list.append(element('li', '', at, element('pre', m.message), ...(m.source ? [element('pre', '    ' + m.source)] : [])))
		}
		const close = element('button', 'Close')
		close.className = 'close'
		close.onclick = () => { closed = key(state); show(state) }
		const box = element('div', '', close, element('h1', state.failure), list)
		if (!state.mistakes?.length) box.append(element('pre', state.output || ''))
		const note = element('p', state.phase === 'failed' ? 'This goes away when it is mended.' : 'A change is being built …')
		note.className = 'note'
		box.append(note)
		box.className = 'screen'
		box.setAttribute('role', 'alert')
		return box
	}

	const bar = (state) => {
		const box = element('div', (state.pending.length === 1 ? 'A migration is pending: ' : state.pending.length + ' migrations are pending: ') + state.pending.join(', '))
		const run = element('button', 'Run')
		run.onclick = async () => {
			run.disabled = true
			const answer = await fetch('/_kit/dev/migrate', { method: 'POST' })
			if (!answer.ok) box.append(element('pre', await answer.text()))
			run.disabled = false
		}
		box.append(run)
		box.className = 'bar'
		return box
	}

	const key = (state) => JSON.stringify([state.failure, state.output])

	const show = (state) => {
		root.replaceChildren(style)
		if (state.failure && closed !== key(state)) root.append(screen(state))
		else if (state.pending?.length) root.append(bar(state))
		if (!host.isConnected) document.documentElement.append(host)
	}

	const told = (state) => {
		show(state)
		if (state.phase !== 'running' || state.version === version) return
		version = state.version
		// A page may load its data anew by itself, so that what was typed stays.
		if (window.dispatchEvent(new CustomEvent('kit:update', { cancelable: true }))) location.reload()
	}

	// Browsers open few connections to one address: pages that nobody sees need none.
	const connect = () => {
		if (document.visibilityState === 'hidden') {
			source?.close()
			source = null
			return
		}
		if (source) return
		source = new EventSource('/_kit/dev/events')
		source.onmessage = (event) => told(JSON.parse(event.data))
	}
	document.addEventListener('visibilitychange', connect)
	addEventListener('pagehide', () => { source?.close(); source = null })
	addEventListener('pageshow', connect)
	connect()
})()
