package sqlstore

// hotStatements are what sign-ups, sign-ins and every page ask for.
func hotStatements() []string {
	return []string{
		readConfigVersion, readSetting,
		insertUser, insertName, userByID, userByLogin, nameIsTaken(1), nameIsTaken(2),
		groupByName, addMember,
		insertSession, sessionByHash, touchSession,
		insertInteraction, swapInteraction, interactionByHash,
		insertEvents(1), insertEvents(2), insertEvents(4), insertEvents(5), insertCall,
		tokenByHash, touchToken,
	}
}
