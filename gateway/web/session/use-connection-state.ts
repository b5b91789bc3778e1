import type { ChatClient, ConnectionState } from '@satchel/client'
import { useEffect, useState } from 'preact/hooks'

export function useConnectionState(chat: ChatClient): ConnectionState {
  const [state, setState] = useState(chat.state)
  useEffect(() => {
    setState(chat.state)
    return chat.on('state', setState)
  }, [chat])
  return state
}
